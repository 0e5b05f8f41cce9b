"""AXOL1TL as CMS publishes it, on the test vectors that CMS publishes. Neither is part of this repository."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from l1ml.data.ugt_crossings import Crossings
from l1ml.data.ugt_vectors import read_vectors
from l1ml.emulation.published import PublishedNetwork
from l1ml.hardware import FixedPoint

MENU_2024 = ("L1Menu_Collisions2024_v1_3_0-d1", 439, (346, 389, 415, 456, 557))
MENU_2025 = ("L1Menu_Collisions2025_v1_0_1-d1", 421, (2010, 2375, 2801, 3318, 4762, 22628, 26375))
"""Folder, index of the first algorithm, and thresholds of the algorithms from there on; both menus ask for version 4."""


@pytest.fixture(scope="module")
def axol1tl(tmp_path_factory: pytest.TempPathFactory) -> PublishedNetwork:
    """Version 4, from a checkout of cms-hls4ml/AXOL1TL."""
    data = Path(os.environ.get("L1ML_DATA", "no data"))
    checkout = Path(os.environ.get("L1ML_AXOL1TL", data / "published-networks" / "AXOL1TL"))
    if not checkout.is_dir():
        pytest.skip("no checkout of cms-hls4ml/AXOL1TL; set L1ML_AXOL1TL")
    return PublishedNetwork(checkout, top="GTADModel_v4", build_folder=tmp_path_factory.mktemp("axol1tl"))


def inputs(crossings: Crossings, muon_phi: str) -> NDArray[np.int64]:
    """Words of ``ap_fixed<18,13>``: half of pt without its fraction, eta and phi of what CMS's software looks at.

    Sources: ``AXOL1TLCondition.cc`` of CMSSW for the order, the missing energy and the halved pt; the vectors for the rest.
    """
    columns = []
    for name, n in (("etm", 1), ("egamma", 4), ("muon", 4), ("jet", 10)):
        item = crossings.objects[name]
        phi = item[muon_phi if name == "muon" else "phi"]
        eta = item.get("eta", np.zeros_like(phi))
        columns.append(np.stack([item["pt"][:, :n] // 2, eta[:, :n], phi[:, :n]], axis=2).reshape(len(phi), -1))
    return np.concatenate(columns, axis=1) << 5


def test_ports_are_those_of_the_condition(axol1tl: PublishedNetwork) -> None:
    assert axol1tl.input_formats == (FixedPoint(18, 13),) * 57
    assert axol1tl.output_format == FixedPoint(18, 14, signed=False)
    assert len(axol1tl.output_formats) == 9


@pytest.mark.parametrize(
    ("menu", "name", "muon_phi", "n_wrong"),
    [
        (MENU_2024, "L1menu_2024_v1_3_0_ttBar_TestVector_003.txt.gz", "phi", 0),
        (MENU_2024, "L1menu_2024_v1_3_0_ttBar_TestVector_003.txt.gz", "phi_out", 0),
        # written before cmssw#47564, when the muon's phi was that of the muon stations
        (MENU_2024, "L1menu_2024_v1_3_0_data_TestVector_000.txt.gz", "phi", 5),
        (MENU_2024, "L1menu_2024_v1_3_0_data_TestVector_000.txt.gz", "phi_out", 0),
        (MENU_2025, "L1Menu_Collisions2025_v1_0_1_TestVector_ttBar_000.txt.gz", "phi", 0),
        (MENU_2025, "L1Menu_Collisions2025_v1_0_1_TestVector_data_000.txt.gz", "phi", 0),
    ],
)
def test_every_bit_of_the_public_vectors(
    menu: tuple[str, int, tuple[int, ...]],
    name: str,
    muon_phi: str,
    n_wrong: int,
    axol1tl: PublishedNetwork,
    real_data: Path,
) -> None:
    folder, first, thresholds = menu
    path = real_data / "ugt" / folder / name
    if not path.is_file():
        pytest.skip(f"no {name}")
    crossings = read_vectors(path)
    # a count of the score is the unit of the threshold: ap_ufixed<18,14> times 16
    bits = axol1tl.predict(inputs(crossings, muon_phi))[:, None] >= np.array(thresholds)
    assert np.sum(bits != crossings.algorithms[:, first : first + len(thresholds)]) == n_wrong

"""AXOL1TL and TOPO as CMS publishes them, on the test vectors that CMS publishes. None is part of this repository."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from l1ml.data.ugt_crossings import Crossings
from l1ml.data.ugt_vectors import read_vectors
from l1ml.emulation.published import PublishedNetwork
from l1ml.emulation.stimuli import random_words
from l1ml.hardware import FixedPoint

MENU_2024 = ("L1Menu_Collisions2024_v1_3_0-d1", 439, (346, 389, 415, 456, 557))
MENU_2025 = ("L1Menu_Collisions2025_v1_0_1-d1", 421, (2010, 2375, 2801, 3318, 4762, 22628, 26375))
"""Folder, index of the first algorithm, and thresholds of the algorithms from there on; both menus ask for version 4."""


def checkout(name: str) -> Path:
    """Folder of cms-hls4ml/`name`."""
    data = Path(os.environ.get("L1ML_DATA", "no data"))
    folder = Path(os.environ.get(f"L1ML_{name}", data / "published-networks" / name))
    if not folder.is_dir():
        pytest.skip(f"no checkout of cms-hls4ml/{name}; set L1ML_{name}")
    return folder


@pytest.fixture(scope="module")
def axol1tl(tmp_path_factory: pytest.TempPathFactory) -> PublishedNetwork:
    """Version 4."""
    return PublishedNetwork(checkout("AXOL1TL"), top="GTADModel_v4", build_folder=tmp_path_factory.mktemp("axol1tl"))


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
        (MENU_2024, "L1menu_2024_v1_3_0_ttBar_TestVector_003", "phi", 0),
        (MENU_2024, "L1menu_2024_v1_3_0_ttBar_TestVector_003", "phi_out", 0),
        # written before cmssw#47564, when the muon's phi was that of the muon stations
        (MENU_2024, "L1menu_2024_v1_3_0_data_TestVector_000", "phi", 5),
        (MENU_2024, "L1menu_2024_v1_3_0_data_TestVector_000", "phi_out", 0),
        (MENU_2025, "L1Menu_Collisions2025_v1_0_1_TestVector_ttBar_000", "phi", 0),
        (MENU_2025, "L1Menu_Collisions2025_v1_0_1_TestVector_data_000", "phi", 0),
    ],
)
@pytest.mark.usefixtures("real_data")
def test_every_bit_of_the_public_vectors(
    menu: tuple[str, int, tuple[int, ...]], name: str, muon_phi: str, n_wrong: int, request: pytest.FixtureRequest
) -> None:
    folder, first, thresholds = menu
    path = request.getfixturevalue("real_data") / "ugt" / folder / f"{name}.txt.gz"
    if not path.is_file():
        pytest.skip(f"no {path.name}")
    crossings = read_vectors(path)
    words = inputs(crossings, muon_phi)
    # a count of the score is the unit of the threshold: ap_ufixed<18,14> times 16
    bits = request.getfixturevalue("axol1tl").predict(words)[:, None] >= np.array(thresholds)
    assert np.sum(bits != crossings.algorithms[:, first : first + len(thresholds)]) == n_wrong


def test_the_scaling_of_topo_in_double_is_one_of_integers(tmp_path: Path, rng: np.random.Generator) -> None:
    folder = checkout("TOPO") / "TOPO_HHbbWW_1mu_v1"
    whole = PublishedNetwork(folder, build_folder=tmp_path)
    assert whole.input_formats == (FixedPoint(23, 23),) * 20
    assert whole.output_format == FixedPoint(16, 6)
    shutil.copytree(folder / "NN", tmp_path / "bare")
    bare = PublishedNetwork(tmp_path / "bare")
    assert bare.input_formats == (FixedPoint(16, 6),) * 20
    offset, divisor = (_constants(folder / "scaling.h", name) for name in ("bias", "norm"))
    # every divisor is a power of two, so that the quotient is exact in double and its cut to 10 bits is a floor
    assert not np.any(divisor & (divisor - 1))
    words = random_words(whole.input_formats, 5000, rng).astype(np.int64)
    scaled = ((words - offset << 10) // divisor + 2**15) % 2**16 - 2**15
    np.testing.assert_array_equal(whole.predict(words), bare.predict(scaled))


def _constants(path: Path, name: str) -> NDArray[np.int64]:
    match = re.search(rf"\b{name}\[\d+\] = {{([^}}]*)}}", path.read_text(encoding="utf-8"))
    assert match is not None
    return np.array([int(item) for item in match.group(1).split(",")])

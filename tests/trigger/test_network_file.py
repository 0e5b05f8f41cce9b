from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from trigger_toy import events_of

from l1ml.data.ugt_vectors import read_vectors
from l1ml.emulation.integers import IntegerEmulator
from l1ml.errors import ConfigError
from l1ml.model import TriggerModel
from l1ml.trigger import Columns, read_menu
from l1ml.trigger.network_file import read_networks
from l1ml.trigger.replay import replay

MODEL = Path(__file__).parents[2] / "models" / "axo"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "networks.toml"


def test_a_model_of_this_toolkit_reads_its_schema(path: Path, rng: np.random.Generator) -> None:
    path.write_text(f'[axo]\nmodel = "{MODEL}"\n')
    network = read_networks(path)["axo"]
    model = TriggerModel.load(MODEL)
    assert network.digest == model.digest
    slots = (("met", 1), ("egamma", 4), ("muon", 4), ("jet", 10))
    words = {f"{name}_pt": rng.integers(0, 500, (40, n)) for name, n in slots}
    words |= {f"{name}_phi": np.where(words[f"{name}_pt"] > 0, rng.integers(0, 144, (40, n)), 0) for name, n in slots}
    events = events_of(**words)
    expected = IntegerEmulator(model.network).predict(events.features())
    np.testing.assert_array_equal(network.scores(Columns.of_events(events))[:, 0], expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "binds no network"),
        ("v4 = 3", "networks.toml.v4 must be a table, received 3"),
        ("[v4]\n", "needs either 'published' or 'model', received None and None"),
        (f'[v4]\nmodel = "{MODEL}"\npublished = "x"', "needs either"),
        (f'[v4]\nmodle = "{MODEL}"', "did you mean 'model'"),
        (f'[v4]\nmodel = "{MODEL}"\ndigest = "000000"', "v4 asks for digest 000000, the sources there have e58672b5d152"),
        (f'[v4]\nmodel = "{MODEL}"\nlabels = ["b", "c"]', "v4: portable has 1 outputs and the labels 'b', 'c'"),
        (f'[v4]\nmodel = "{MODEL}"\npt = "gev"', "v4: pt must be one of"),
        (f'[v4]\nmodel = "{MODEL}"\nobjects = [{{ name = "etm", slots = 1 }}]', "has 57 inputs; pt, eta and phi of 1 etm are 3"),
    ],
)
def test_mistakes_are_named(path: Path, text: str, message: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_networks(path)


@pytest.mark.parametrize(
    "case",
    [
        ("L1Menu_Collisions2024_v1_3_0-d1", "L1menu_2024_v1_3_0_ttBar_TestVector_003", "stations", 408, {}),
        ("L1Menu_Collisions2024_v1_3_0-d1", "L1menu_2024_v1_3_0_data_TestVector_000", "stations", 408, {"L1_CDC": 28}),
        ("L1Menu_Collisions2025_v1_0_1-d1", "L1Menu_Collisions2025_v1_0_1_TestVector_ttBar_000", "vertex", 465, {}),
        ("L1Menu_Collisions2025_v1_0_1-d1", "L1Menu_Collisions2025_v1_0_1_TestVector_data_000", "vertex", 465, {"L1_CDC": 21}),
    ],
)
def test_whole_menus_with_the_public_axol1tl(
    path: Path, real_data: Path, case: tuple[str, str, str, int, dict[str, int]]
) -> None:
    """Every algorithm of both menus, the anomaly seeds among them; the CDC bits are explained in test_replay."""
    menu, vectors, muon_phi, n_algorithms, wrong = case
    checkout = Path(os.environ.get("L1ML_AXOL1TL", real_data / "published-networks" / "AXOL1TL"))
    folder = real_data / "ugt" / menu
    if not checkout.is_dir() or not folder.is_dir():
        pytest.skip("no checkout of cms-hls4ml/AXOL1TL (set L1ML_AXOL1TL), or no vectors")
    path.write_text(f'[v4]\npublished = "{checkout}"\nbuild_folder = "build"\ntop = "GTADModel_v4"\nmuon_phi = "{muon_phi}"\n')
    report = replay(
        read_menu(folder / f"{menu}.html.gz"), [read_vectors(folder / f"{vectors}.txt.gz")], vectors, read_networks(path)
    )
    assert (report.algorithms, report.supported) == (n_algorithms, n_algorithms)
    assert {item.name[:6]: item.bits for item in report.mismatches} == wrong

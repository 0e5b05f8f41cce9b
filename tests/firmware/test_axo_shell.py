"""The shipped anomaly network in the shell: vector files against the menu, every word and every bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shell_toy

from l1ml.data.ugt_vectors import Crossings, read_vectors, write_vectors
from l1ml.emulation.shell_simulation import ShellSimulation
from l1ml.model import TriggerModel

OBJECTS = (("met", 1), ("egamma", 4), ("muon", 4), ("jet", 10))
THRESHOLDS = {"L1_AXO_10kHz": 19935, "L1_AXO_5kHz": 28772, "L1_AXO_1kHz": 45644}
"""The working points in the card of the model."""

PUBLIC = "ugt/L1Menu_Collisions2024_v1_3_0-d1"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model() -> TriggerModel:
    return TriggerModel.load(shell_toy.FIRMWARE.parent / "models" / "axo")


@pytest.fixture(scope="module")
def simulation(model: TriggerModel) -> ShellSimulation:
    return ShellSimulation(shell_toy.written(model), THRESHOLDS, shell_toy.FIRMWARE)


def require_exact(simulation: ShellSimulation, model: TriggerModel, crossings: Crossings) -> np.ndarray:
    """Play `crossings`; how often each bit fired."""
    played = simulation.play(crossings)
    np.testing.assert_array_equal(played.bx, crossings.bx)
    np.testing.assert_array_equal(played.scores, shell_toy.python_scores(model, OBJECTS, crossings))
    bits = shell_toy.python_bits(model, OBJECTS, crossings, THRESHOLDS)
    np.testing.assert_array_equal(played.bits, bits)
    return bits.sum(axis=0)


def test_latency(simulation: ShellSimulation) -> None:
    assert (simulation.shell.kernel_cycles, simulation.shell.latency_cycles, simulation.shell.latency_bx) == (10, 12, 2)


def test_an_orbit_of_ours(simulation: ShellSimulation, model: TriggerModel, tmp_path: Path) -> None:
    path = tmp_path / "synthetic_2024.txt"
    write_vectors(path, shell_toy.random_orbit(np.random.default_rng(11)))
    fired = require_exact(simulation, model, read_vectors(path))
    assert ((fired > 0) & (fired < 3564)).all(), fired


@pytest.mark.parametrize("number", [0, 1])
def test_the_public_files_of_2024(simulation: ShellSimulation, model: TriggerModel, real_data: Path, number: int) -> None:
    paths = sorted((real_data / PUBLIC).glob("*.txt*"))
    if number >= len(paths):
        pytest.skip(f"no vector file {number} in {PUBLIC}")
    fired = require_exact(simulation, model, read_vectors(paths[number], "2024"))
    assert fired[0] < 3564

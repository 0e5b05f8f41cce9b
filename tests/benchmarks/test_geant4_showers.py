"""Geant4 and a cascade that has learnt from it: photons of 1 to 64 GeV in PbWO4, 28 x 16 x 9 voxels above 15.15 keV.

The cascade learns from 3,000 showers (seed 1, 60 ms of a core each; with $L1ML_GEANT4 a folder they are kept there) and is judged
with 1,400 of another sample, which was made with tables of its own. Run with:
pytest tests/benchmarks/test_geant4_showers.py --benchmark-only
"""

from __future__ import annotations

import os
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from offline.calorimeter import Showers, layout
from offline.calorimeter.generators import fit_cascade
from offline.calorimeter.judging import JudgingSettings, judge
from offline.calorimeter.simulation import Beam, simulate_file
from offline.calorimeter.simulation.geant4 import geant4_simulator
from offline.calorimeter.simulation.geant4.engine import Engine

pytestmark = pytest.mark.skipif(find_spec("geant4_pybind") is None, reason="the extra geant4 is not installed")

QUICK = JudgingSettings(repeats=5, distances=2, neighbours=2, batches=2, trainings=5, floor_trainings=2, voxels=False)


@pytest.mark.parametrize(("energy", "n"), [(1e3, 40), (4e3, 10), (16e3, 5), (64e3, 3)])
def test_time_of_a_shower(benchmark: BenchmarkFixture, energy: float, n: int) -> None:
    milliseconds = benchmark.pedantic(_geant4_time, (energy, n), rounds=1)
    benchmark.extra_info["milliseconds of a processor"] = milliseconds
    assert milliseconds > 0


def test_a_cascade_learns_crystals(benchmark: BenchmarkFixture, real_data: Path, tmp_path: Path) -> None:
    simulator = geant4_simulator("28x16x9")
    path = Path(os.environ.get("L1ML_GEANT4", tmp_path)) / "crystals.h5"
    learnt = simulate_file(path, simulator, Beam(3000, 1e3, 64e3, 1))
    began = time.process_time()
    generator = benchmark.pedantic(fit_cascade, (learnt,), rounds=1)
    found = {"seconds of training": time.process_time() - began, "leans": generator.record["leans"]}
    truth = _sample(real_data, simulator.threshold)
    made = generator.sample(truth.incident_energy, np.random.default_rng(1))
    judgement = judge(truth, made, QUICK, seed=1).to_dict()
    found["features"] = judgement["classifiers"]["high"]
    for energy in np.unique(truth.incident_energy):
        found[f"{energy:g} MeV"] = _responses(truth, generator.sample(np.full(2000, energy), np.random.default_rng(2)))
    began = time.process_time()
    generator.sample(np.full(1000, 64e3), np.random.default_rng(3))
    found["ms at 64 GeV, batch 100"] = time.process_time() - began
    found["times faster at 64 GeV"] = _geant4_time(64e3, 3) / found["ms at 64 GeV, batch 100"]
    benchmark.extra_info.update(found)
    assert all(abs(found[f"{energy:g} MeV"]["mean"]) < 0.005 for energy in np.unique(truth.incident_energy))
    assert found["times faster at 64 GeV"] > 50


def _geant4_time(energy: float, n: int) -> float:
    """ms of a shower."""
    engine = Engine(geant4_simulator("28x16x9"))
    engine.deposits(np.array([energy]), [1])
    engine.seconds = 0.0
    engine.deposits(np.full(n, energy), range(1, n + 1))
    engine.close()
    return 1000 * engine.seconds / n


def _sample(real_data: Path, threshold: float) -> Showers:
    import h5py

    with h5py.File(real_data / "generated-geant4-em" / "geant4_gamma_pbwo4.hdf5") as file:
        incident = file["incident_energies"][:, 0].astype(np.float64)
        # layers, rings, sectors
        energies = file["showers"][:].reshape(-1, 28, 9, 16).transpose(0, 1, 3, 2).reshape(len(incident), -1)
    return Showers(layout("28x16x9"), incident, energies).above(threshold)


def _responses(truth: Showers, made: Showers) -> dict[str, float]:
    """How far the mean response, its standard deviation and the half width of its middle 68 % are from the truth, relative."""
    energy = made.incident_energy[0]
    sides = [side.total_energy() / energy for side in (made, truth.select(truth.incident_energy == energy))]
    halves = [np.diff(np.quantile(side, [0.16, 0.84]))[0] for side in sides]
    made_side, true_side = sides
    rng = np.random.default_rng(4)
    again = [np.std(rng.choice(true_side, len(true_side))) for _ in range(500)]
    return {
        "showers": len(true_side),
        "mean": made_side.mean() / true_side.mean() - 1,
        "standard deviation": made_side.std() / true_side.std() - 1,
        "its error in the truth": float(np.std(again) / true_side.std()),
        "68 %": halves[0] / halves[1] - 1,
    }

"""Shipped detectors of learned bits from the words of the Global Trigger to threshold bits: 50 ns, a crossing a clock, no DSP."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shell_toy

from l1ml.conversion import FirmwareProject, rtl_project
from l1ml.conversion.shell import TriggerShell
from l1ml.conversion.yosys import synthesise_with_yosys
from l1ml.emulation.shell_simulation import ShellSimulation
from l1ml.model import TriggerModel
from l1ml.workflow.recipe import read_recipe

MODELS = Path(__file__).parents[2] / "models"
OBJECTS = (("met", 1), ("egamma", 4), ("muon", 4), ("jet", 10))
CUTS = {
    "axo_ae": {"1kHz": 4020, "5kHz": 1902, "10kHz": 1080},
    "axo_learned": {"1kHz": 64187, "5kHz": 34247, "10kHz": 22707},
}
MOST_LUT = {"axo_ae": 2000, "axo_learned": 5000}

pytestmark = pytest.mark.parametrize("name", CUTS)


@cache
def model(name: str) -> TriggerModel:
    return TriggerModel.load(MODELS / name)


@cache
def project(name: str) -> FirmwareProject:
    return rtl_project(model(name), read_recipe(MODELS / name).conversion)


def test_golden_words_have_scores_of_all_sizes(name: str) -> None:
    scores = model(name).golden.scores
    assert len(np.unique(scores)) >= 200
    assert scores.min() < min(CUTS[name].values())
    assert scores.max() > max(CUTS[name].values())


def test_the_shell_answers_within_two_crossings(name: str) -> None:
    shell = TriggerShell(project(name).manifest, CUTS[name])
    assert shell.latency_cycles == 12  # whole crossings; the networks take 6 and 8
    assert shell.latency_cycles * float(project(name).manifest["clock_ns"]) <= 50.0
    assert project(name).manifest["estimate"]["interval_cycles"] == 1


@pytest.mark.slow
def test_every_bit_of_an_orbit_after_50_ns_in_the_simulated_shell(name: str, tmp_path: Path) -> None:
    orbit = shell_toy.random_orbit(np.random.default_rng(5))
    scores = shell_toy.python_scores(model(name), OBJECTS, orbit)
    # crossings with every object full have higher scores than any that happens
    cuts = {str(share): int(np.quantile(scores, share)) for share in (0.1, 0.5, 0.99)}
    played = ShellSimulation(project(name).write(tmp_path), cuts, shell_toy.FIRMWARE).play(orbit, 1)  # refuses any other latency
    np.testing.assert_array_equal(played.scores, scores)
    np.testing.assert_array_equal(played.bits, scores[:, None] >= np.array(list(cuts.values())))
    assert all(0 < share < 1 for share in played.bits.mean(axis=0))


@pytest.mark.slow
def test_it_is_small_and_has_no_blocks(name: str, tmp_path: Path) -> None:
    report = synthesise_with_yosys(project(name).write(tmp_path))
    assert report.lut is not None
    assert report.lut <= MOST_LUT[name]
    assert (report.dsp, report.bram18, report.uram) == (0, 0, 0)

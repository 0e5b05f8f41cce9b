"""The shipped networks on the features of a jet: what their recipes hold them to, what they cost and how fast they are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from l1ml.conversion import FirmwareProject, rtl_project
from l1ml.conversion.yosys import synthesise_with_yosys
from l1ml.data.jet_words import JET_FEATURES_SCHEMA
from l1ml.emulation import IntegerEmulator
from l1ml.model import TriggerModel
from l1ml.training.tagger.config import TaggerConfig
from l1ml.workflow.recipe import read_recipe

MODELS = Path(__file__).parents[2] / "models"
MOST_LUT = {"jet_hlf": 3_000, "jet_hlf_10k": 10_000}
"""Of Yosys, by folder."""
NETWORKS = tuple(MOST_LUT)


@cache
def model(name: str) -> TriggerModel:
    return TriggerModel.load(MODELS / name)


@cache
def project(name: str) -> FirmwareProject:
    return rtl_project(model(name), read_recipe(MODELS / name).conversion)


def training(name: str) -> TaggerConfig:
    found = read_recipe(MODELS / name).training
    assert isinstance(found, TaggerConfig)
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_words_are_the_golden_ones_and_every_class_wins_some(name: str) -> None:
    golden = model(name).golden
    assert model(name).schema_digest == JET_FEATURES_SCHEMA.digest
    np.testing.assert_array_equal(IntegerEmulator(model(name).network).predict(golden.inputs), golden.scores)
    assert set(golden.scores.argmax(axis=1)) == set(range(5))


@pytest.mark.parametrize("name", NETWORKS)
def test_bit_operations_are_within_the_limit(name: str) -> None:
    bits = training(name).bits
    assert bits is not None
    assert model(name).metrics["bit_operations"] <= bits.limit


@pytest.mark.parametrize("name", NETWORKS)
def test_it_was_compared_with_the_plain_network_in_floats(name: str) -> None:
    assert model(name).metrics["reference"]["hidden"] == [64, 32, 32]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_jet_enters_in_every_clock(name: str) -> None:
    assert project(name).manifest["estimate"]["interval_cycles"] == 1


@pytest.mark.parametrize("name", NETWORKS)
def test_it_takes_little_logic_in_a_row_and_answers_within_a_crossing(name: str) -> None:
    estimate, clock_ns = project(name).manifest["estimate"], float(project(name).manifest["clock_ns"])
    assert estimate["logic_ns"] <= 15.0
    assert estimate["latency_cycles"] * clock_ns <= 25.0


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_it_is_small_and_has_no_blocks(name: str, tmp_path: Path) -> None:
    report = synthesise_with_yosys(project(name).write(tmp_path))
    assert report.lut is not None
    assert report.lut <= MOST_LUT[name]
    assert (report.dsp, report.bram18, report.uram) == (0, 0, 0)

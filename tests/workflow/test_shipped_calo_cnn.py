"""The shipped student of calorimeter regions: small, fast, blind to phi, and tried on recorded regions."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from l1ml.conversion import FirmwareProject, rtl_project
from l1ml.conversion.yosys import synthesise_with_yosys
from l1ml.data import Events
from l1ml.data.calo_regions import CALO_SCHEMA
from l1ml.data.readers.calo_regions import iterate_calo_regions
from l1ml.emulation import IntegerEmulator
from l1ml.model import TriggerModel
from l1ml.training.regions.pictures import turned
from l1ml.trigger.roc import area_under_curve
from l1ml.workflow.recipe import read_recipe

FOLDER = Path(__file__).parents[2] / "models" / "calo_cnn"


@cache
def model() -> TriggerModel:
    return TriggerModel.load(FOLDER)


@cache
def project() -> FirmwareProject:
    return rtl_project(model(), read_recipe(FOLDER).conversion)


def scores(words: np.ndarray) -> np.ndarray:
    return IntegerEmulator(model().network).predict(words).ravel()


def test_it_reads_regions_and_answers_within_two_crossings() -> None:
    assert model().schema_digest == CALO_SCHEMA.digest
    estimate, clock_ns = project().manifest["estimate"], float(project().manifest["clock_ns"])
    assert estimate["latency_cycles"] * clock_ns <= 50.0
    assert estimate["interval_cycles"] == 1


def test_a_crossing_turned_by_a_block_has_the_same_score() -> None:
    words = model().golden.inputs
    found = [scores(turned(words, np.full(len(words), steps))) for steps in range(0, 18, 2)]
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])
    np.testing.assert_array_equal(found[0], model().golden.scores)
    assert len(np.unique(found[0])) >= 200


@pytest.mark.slow
def test_it_is_small_and_has_no_blocks(tmp_path: Path) -> None:
    report = synthesise_with_yosys(project().write(tmp_path))
    assert report.lut is not None
    assert report.lut <= 20_000
    assert (report.dsp, report.bram18, report.uram) == (0, 0, 0)


def test_recorded_regions(real_data: Path) -> None:
    """What the README says about them; the zero bias of this public file is none that a plain zero bias would give."""
    files = {"zero_bias": "Region_ZeroBias.hdf5", "hinv": "HInv.hdf5"}
    events = {
        name: Events.concatenate(list(iterate_calo_regions(real_data / "l1-calo-regions" / file))) for name, file in files.items()
    }
    words = {name: item.features() for name, item in events.items()}
    found = {name: scores(item) for name, item in words.items()}
    assert (words["zero_bias"].max(axis=1) >= 40).mean() > 0.99  # 20 GeV in one region of nearly every crossing
    of_sum = {name: item.sum(axis=1) for name, item in words.items()}
    areas = [area_under_curve(item["hinv"], item["zero_bias"], np.ones(863)) for item in (found, of_sum)]
    assert [round(area, 3) for area in areas] == [0.004, 0.006]
    lsb = 2.0 ** -(model().output_format.width - model().output_format.integer)
    assert [round(float(np.median(found[name])) * lsb, 2) for name in files] == [2.89, 1.15]

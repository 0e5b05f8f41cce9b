from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from calo_toy import regular_geometry, toy_showers
from shower_toy import sampled_showers

from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT
from offline.calorimeter import Showers
from offline.calorimeter.judging.bench import Bench
from offline.calorimeter.judging.classifier import ClassifierSettings
from offline.calorimeter.judging.judge import judge
from offline.calorimeter.judging.judgement import Judgement
from offline.calorimeter.judging.settings import JudgingSettings

SMALL = ClassifierSettings((16,), 4, 50, 1e-2, 2)
NUMBERS = JudgingSettings(repeats=20, distances=2, neighbours=2, batches=2, manifold_showers=60, trainings=0)


def _largest(found: Judgement) -> float:
    """Standard deviations above its floor of the separation power that is furthest."""
    return max(each.sigma for each in found.separation.values())


def test_equal_samples_stay_at_their_floors(rng: np.random.Generator) -> None:
    found = judge(sampled_showers(2000, rng), sampled_showers(2000, rng), NUMBERS)
    assert _largest(found) < 5
    corrected = found.distances["FPD, pools corrected"]
    assert abs(corrected.value - corrected.floor) < 5 * (corrected.error + corrected.floor_error)
    assert all(abs(row.to_dict()["mean_sigma"]) < 4 for row in found.response)


@pytest.mark.parametrize(("change", "feature"), [({"scale": 1.01}, "E / E inc"), ({"widening": 1.05}, "centre r layer 2")])
def test_one_per_cent_of_energy_and_five_of_width_are_seen_in_ten_thousand_showers(
    rng: np.random.Generator, change: dict[str, float], feature: str
) -> None:
    truth, generated = sampled_showers(10_000, rng), sampled_showers(10_000, rng, **change)
    found = Bench.of(truth, generated, NUMBERS, 1, SILENT).separation()
    assert found[feature].sigma > 5


def test_a_judgement_is_json_and_the_same_again(rng: np.random.Generator) -> None:
    settings = replace(NUMBERS, repeats=2, trainings=1, floor_trainings=1, high=SMALL, low=SMALL)
    truth, generated = sampled_showers(400, rng), sampled_showers(300, rng, scale=0.3)
    once, again = (
        judge(truth, generated, settings, seed=3, sampler=lambda energies: sampled_showers(len(energies), rng)).to_dict()
        for _ in range(2)
    )
    assert once.pop("timing") != again.pop("timing")
    assert json.loads(json.dumps(once, allow_nan=False)) == json.loads(json.dumps(again, allow_nan=False))
    assert set(once["classifiers"]) == {"high", "low"}
    assert once["classifiers"]["high"]["auc"] > 0.6
    assert len(once["pictures"]["singles"]["invented"]["rows"]) == 4
    assert once["showers"] == {"truth": 400, "generated": 300}


def test_what_does_not_compare_is_refused(rng: np.random.Generator) -> None:
    truth = sampled_showers(300, rng)
    with pytest.raises(DataError, match="must be of one geometry"):
        judge(truth, toy_showers(regular_geometry(), 300, rng), NUMBERS)
    with pytest.raises(DataError, match="200 of each"):
        judge(truth, truth.select(slice(0, 100)), NUMBERS)
    with pytest.raises(DataError, match="distributed differently"):
        judge(truth, Showers(truth.geometry, 3 * truth.incident_energy, truth.energies), NUMBERS)
    with pytest.raises(ConfigError, match="two repeats"):
        JudgingSettings(repeats=1)
    with pytest.raises(ConfigError, match="must be positive"):
        JudgingSettings(worst=0)

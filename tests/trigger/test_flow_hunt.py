from __future__ import annotations

import numpy as np
import pytest
from falling_spectrum import HUNT, FallingSpectrum

from l1ml.training.online import OnlineFlow, OnlineSettings, Quantity
from l1ml.trigger.flow_hunt import FlowHunt, hunt_in_flow

SETTINGS = OnlineSettings(members=10, bins=24, buffer=5000, batch=500, passes=1, learning_rate=0.01)


def hunted(weight: float) -> FlowHunt:
    values = FallingSpectrum(0.02).draw(40_000, 1)
    flow = OnlineFlow([Quantity("mass", 0, 1)], SETTINGS)
    flow.see(values, np.full(40_000, weight))
    return hunt_in_flow(flow, "mass", HUNT, prescales=(1, 100))


def test_the_flow_sees_what_a_prescaled_trigger_does_not() -> None:
    found = hunted(1.0)
    assert found.bump.excess == pytest.approx(800, rel=0.25)
    assert found.bump.significance > 5
    assert found.prescaled[1].significance == pytest.approx(10 * found.prescaled[100].significance)
    assert found.prescaled[100].significance < 2
    # the ensemble cannot know much more or less than the events did
    assert 0.4 < found.bump.significance / found.prescaled[1].significance < 1.6
    assert found.to_dict()["prescaled"][1]["prescale"] == 100


def test_the_unit_of_the_weights_is_no_significance() -> None:
    one, other = hunted(1.0), hunted(0.001)
    assert other.bump.significance == pytest.approx(one.bump.significance, rel=1e-3)
    assert other.prescaled[100].significance == pytest.approx(one.prescaled[100].significance, rel=1e-3)
    assert other.bump.excess == pytest.approx(one.bump.excess / 1000, rel=1e-3)

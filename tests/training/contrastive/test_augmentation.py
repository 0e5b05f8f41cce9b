from __future__ import annotations

from dataclasses import replace
from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA, Events
from l1ml.errors import DataError
from l1ml.hardware import HardwareScale
from l1ml.training.contrastive.augmentation import (
    phi_period,
    reflected,
    rotated,
    smeared,
    turns_of,
    without_soft_objects,
)

seeds = st.integers(0, 2**32 - 1)
quick = settings(max_examples=25, deadline=None)


def require_equal(one: Events, other: Events) -> None:
    np.testing.assert_array_equal(one.features(), other.features())


def require_valid(events: Events) -> None:
    """Words that a link can carry, falling pt, empty slots that are all zero."""
    events.validate_words()
    for item in LEVEL1_SCHEMA.objects:
        columns = events.collections[item.name]
        assert (np.diff(columns["hw_pt"], axis=1) <= 0).all()
        for name in ("hw_eta", "hw_phi"):
            assert not columns[name][columns["hw_pt"] == 0].any()


def angles(events: Events) -> list[np.ndarray]:
    """Phi of every object in 1/576 of a turn, the finest words there are."""
    steps = {"met": 4, "egamma": 4, "muon": 1, "jet": 4}
    return [events.collections[name]["hw_phi"] * step for name, step in steps.items()]


@given(seeds, st.integers(-1000, 1000))
@quick
def test_a_rotation_keeps_every_angle_between_two_objects(seed: int, steps: int) -> None:
    events = toy_events(40, np.random.default_rng(seed))
    turned = rotated(events, np.full(40, steps))
    require_valid(turned)
    there = np.concatenate([events.valid(item.name) for item in LEVEL1_SCHEMA.objects], axis=1)
    before, after = (np.concatenate(angles(item), axis=1) for item in (events, turned))
    moved = (after - before) % 576
    np.testing.assert_array_equal(moved, np.where(there, steps * 4 % 576, 0))


@given(seeds)
@quick
def test_rotations_form_a_group(seed: int) -> None:
    rng = np.random.default_rng(seed)
    events = toy_events(40, rng)
    one, other = rng.integers(-200, 200, (2, 40))
    require_equal(rotated(rotated(events, one), other), rotated(events, one + other))
    require_equal(rotated(events, np.full(40, turns_of(events))), events)


def test_only_phi_is_turned(rng: np.random.Generator) -> None:
    events = toy_events(50, rng)
    turned = rotated(events, rng.integers(144, size=50))
    other = [index for index, name in enumerate(LEVEL1_SCHEMA.features) if not name.endswith("_phi")]
    np.testing.assert_array_equal(events.features()[:, other], turned.features()[:, other])


def test_a_turn_must_be_a_whole_number_of_words() -> None:
    assert phi_period(HardwareScale(2 * pi / 576, 10)) == 576
    with pytest.raises(DataError, match=r"6.2832 words of 1.0 rad"):
        phi_period(HardwareScale(1.0, 3, unit="rad"))


@given(seeds)
@quick
def test_two_reflections_are_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    events, flips = toy_events(40, rng), rng.random(40) < 0.5
    once = reflected(events, flips)
    require_valid(once)
    require_equal(reflected(once, flips), events)
    for item in LEVEL1_SCHEMA.objects:
        before, after = (item_events.collections[item.name]["hw_eta"] for item_events in (events, once))
        np.testing.assert_array_equal(after, np.where(flips[:, None], -before, before))


def test_the_lowest_eta_has_no_opposite(rng: np.random.Generator) -> None:
    events = toy_events(3, rng)
    jets = {**events.collections["jet"], "hw_eta": np.full((3, 10), -128, np.int32), "hw_pt": np.full((3, 10), 9, np.int32)}
    once = reflected(replace(events, collections={**events.collections, "jet": jets}), np.ones(3, bool))
    assert (once.collections["jet"]["hw_eta"] == 127).all()


@given(seeds, st.floats(0, 0.99))
@quick
def test_a_smeared_crossing_has_as_many_objects_and_the_same_angles(seed: int, resolution: float) -> None:
    rng = np.random.default_rng(seed)
    events = toy_events(40, rng)
    again = smeared(events, resolution, rng)
    require_valid(again)
    for item in LEVEL1_SCHEMA.objects:
        np.testing.assert_array_equal(events.valid(item.name).sum(axis=1), again.valid(item.name).sum(axis=1))
        phis = (np.sort(each.collections[item.name]["hw_phi"], axis=1) for each in (events, again))
        np.testing.assert_array_equal(*phis)


def test_the_width_is_the_resolution(rng: np.random.Generator) -> None:
    events = toy_events(4000, rng)
    met = {**events.collections["met"], "hw_pt": np.full((4000, 1), 1000, np.int32)}
    again = smeared(replace(events, collections={**events.collections, "met": met}), 0.1, rng)
    words = again.collections["met"]["hw_pt"]
    assert abs(words.mean() - 1000) < 10
    assert 95 < words.std() < 105


def test_an_overflow_stays_one(rng: np.random.Generator) -> None:
    events = toy_events(100, rng)
    jets = {**events.collections["jet"], "hw_pt": np.full((100, 10), 2047, np.int32)}
    again = smeared(replace(events, collections={**events.collections, "jet": jets}), 0.5, rng)
    assert (again.collections["jet"]["hw_pt"] == 2047).all()


def test_nothing_asked_for_is_nothing_done(rng: np.random.Generator) -> None:
    events = toy_events(50, rng)
    require_equal(smeared(events, 0.0, rng), events)
    require_equal(without_soft_objects(events, 20.0, 0.0, rng), events)
    require_equal(without_soft_objects(events, 0.0, 1.0, rng), events)
    require_equal(reflected(events, np.zeros(50, bool)), events)


@given(seeds, st.floats(0, 60), st.floats(0, 1))
@quick
def test_only_soft_objects_are_lost(seed: int, pt: float, probability: float) -> None:
    rng = np.random.default_rng(seed)
    events = toy_events(40, rng)
    kept = without_soft_objects(events, pt, probability, rng)
    require_valid(kept)
    for item in LEVEL1_SCHEMA.objects:
        threshold = item.field("pt").scale.to_hw(pt, "ceil")
        before, after = (each.collections[item.name]["hw_pt"] for each in (events, kept))
        hard = np.where(before >= threshold, before, 0)
        np.testing.assert_array_equal(hard, np.where(after >= threshold, after, 0))
        assert (kept.valid(item.name).sum(axis=1) <= events.valid(item.name).sum(axis=1)).all()
    require_equal_sums(events, kept)


def require_equal_sums(one: Events, other: Events) -> None:
    for name in ("hw_pt", "hw_phi"):
        np.testing.assert_array_equal(one.collections["met"][name], other.collections["met"][name])


def test_all_soft_objects_are_lost_when_the_loss_is_certain(rng: np.random.Generator) -> None:
    kept = without_soft_objects(toy_events(200, rng), 20.0, 1.0, rng)
    jets = kept.collections["jet"]["hw_pt"]
    assert ((jets == 0) | (jets >= 40)).all()

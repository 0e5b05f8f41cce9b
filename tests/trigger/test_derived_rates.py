"""Errors of rates: those at a threshold that the same crossings gave, and those of crossings that share their pileup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from trigger_toy import DIGEST, KHZ, sample, toy_menu

from l1ml.data import Events
from l1ml.trigger import MenuStudy, resolve_thresholds, study
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.decisions import decide
from l1ml.trigger.derived_rates import with_pileup_errors
from l1ml.trigger.rates import rate_table
from l1ml.trigger.rates.rate import Rate
from l1ml.trigger.thresholds import near_threshold

TARGET_KHZ = 60.0


def studied(events: Events, words: np.ndarray) -> MenuStudy:
    menu = resolve_thresholds(toy_menu(), {"axo": words}, events.weight, {"axo": DIGEST})
    return study(menu, events, {}, {"zero_bias": {"axo": words}}, {"axo": DIGEST})


def plain_rate(found: MenuStudy, events: Events, words: np.ndarray, name: str) -> Rate:
    """What a threshold from elsewhere would have."""
    decisions = decide(found.menu, Columns.of_events(events), {"axo": words})
    return rate_table(found.menu, decisions, found.sample)[name].alone


def test_a_heavy_crossing_just_below_the_threshold_is_in_the_error() -> None:
    """1000 light crossings above it and one that weighs as much as the rate: the threshold stands just above that."""
    events, _ = sample(20_000, 3, 1.0, signal=False)
    words = np.arange(20_000)[::-1].copy()
    weight = np.ones(20_000)
    light = 0.9 * TARGET_KHZ / KHZ * weight.sum() / 1000
    weight[:1000] = light
    weight[1000] = 1000 * light
    events = replace(events, weight=weight, group=np.arange(20_000, dtype=np.uint64))
    found = studied(events, words)
    row, plain = found.rates["L1_AXO_tight"], plain_rate(found, events, words, "L1_AXO_tight")
    assert row.alone.khz == plain.khz
    assert plain.error_khz < 0.05 * plain.khz
    assert row.alone.error_khz > 0.5 * plain.khz
    assert row.after_prescale.error_khz == row.alone.error_khz


def test_crossings_of_one_weight_leave_the_error_as_it_is() -> None:
    events, words = sample(20_000, 4, 1.0, signal=False)
    events = replace(events, weight=np.ones(events.n), group=np.arange(events.n, dtype=np.uint64))
    found = studied(events, words)
    row, plain = found.rates["L1_AXO_tight"], plain_rate(found, events, words, "L1_AXO_tight")
    assert row.alone == plain


def test_classical_seeds_have_the_rates_of_the_table() -> None:
    events, words = sample(4000, 5, 1.0, signal=False)
    found = studied(events, words)
    assert found.rates["L1_SingleMu22"].alone == plain_rate(found, events, words, "L1_SingleMu22")


def test_near_are_the_crossings_up_to_twice_the_rate() -> None:
    words, weights = np.arange(1000), np.ones(1000)
    assert near_threshold(words, weights, 10.0, 1000.0).sum() == 20


@dataclass(frozen=True)
class Draws:
    """One collision of the pileup of each crossing."""

    collision: np.ndarray
    n_soft: int

    @property
    def n_collisions(self) -> int:
        return self.n_soft + 1

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        yield np.arange(len(self.collision)), self.collision


def test_crossings_that_fire_because_of_one_collision_are_as_uncertain_as_that() -> None:
    """All 20 crossings that have the collision 0 fire and no other one: the rate is as well known as the number one."""
    events, _ = sample(20_000, 6, 1.0, signal=False)
    events = replace(events, weight=np.ones(events.n), group=np.arange(events.n, dtype=np.uint64))
    collision = np.arange(events.n) % 1000
    words = np.where(collision == 0, 90, 10)
    menu = resolve_thresholds(toy_menu(), {"axo": words}, events.weight, {"axo": DIGEST})
    scores = {"zero_bias": {"axo": words}}
    plain = study(menu, events, {}, scores, {"axo": DIGEST})
    known = study(menu, events, {}, scores, {"axo": DIGEST}, pileup=Draws(collision, 1000))
    before, after = (found.rates["L1_AXO_tight"] for found in (plain, known))
    assert (before.alone.n_events, after.alone.khz, before.pileup_error_khz) == (20, before.alone.khz, None)
    assert after.pileup_error_khz == pytest.approx(after.alone.khz, rel=0.05)
    assert after.alone.error_khz == pytest.approx(np.hypot(before.alone.error_khz, after.pileup_error_khz))
    assert after.after_prescale.error_khz == after.alone.error_khz
    rows = [found.to_dict()["rates"]["rows"] for found in (plain, known)]
    assert ["pileup_error_khz" in row[0] for row in rows] == [False, True]
    assert known.to_dict()["zero_bias"]["n_soft"] == 1000


def test_what_no_crossing_shows_stays_a_limit() -> None:
    events, words = sample(2000, 7, 1.0, signal=False)
    events = replace(events, weight=np.ones(events.n), group=np.arange(events.n, dtype=np.uint64))
    found = studied(events, words)
    decisions = decide(found.menu, Columns.of_events(events), {"axo": words})
    none = replace(decisions, before_prescale=np.zeros_like(decisions.before_prescale))
    table = rate_table(found.menu, none, found.sample)
    known = with_pileup_errors(table, none, found.sample, Draws(np.arange(events.n) % 50, 50))
    assert [row.alone for row in known.rows] == [row.alone for row in table.rows]
    assert all(row.alone.is_upper_limit and row.pileup_error_khz is None for row in known.rows)

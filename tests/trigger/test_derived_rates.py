"""Rates at a threshold that the same crossings gave: their errors know the heavy crossing that may stand just below it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from trigger_toy import DIGEST, KHZ, sample, toy_menu

from l1ml.data import Events
from l1ml.trigger import MenuStudy, resolve_thresholds, study
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.decisions import decide
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

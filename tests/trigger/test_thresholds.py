from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trigger_toy import DIGEST, menu_with, toy_menu

from l1ml.errors import ConfigError, DataError
from l1ml.trigger import resolve_thresholds, threshold_at_rate
from l1ml.trigger.menus.requirements import Window
from l1ml.trigger.thresholds import target_rates

SCORES = st.lists(st.tuples(st.integers(-5, 20), st.integers(0, 5)), min_size=1, max_size=40).filter(
    lambda rows: any(weight for _, weight in rows)
)


def rate_of(scores, weights, threshold):
    return 100.0 * weights[scores >= threshold].sum() / weights.sum()


@given(SCORES, st.floats(0.5, 120.0))
def test_it_is_the_smallest_word_at_or_below_the_target(rows, target):
    scores, weights = (np.array(column) for column in zip(*rows, strict=True))
    weights = weights.astype(np.float64)
    threshold = threshold_at_rate(scores, weights, target, 100.0)
    assert rate_of(scores, weights, threshold) <= target
    if threshold > scores.min():
        assert rate_of(scores, weights, threshold - 1) > target


@given(SCORES, st.floats(0.5, 50.0), st.floats(1.0, 50.0))
def test_a_lower_rate_never_needs_a_lower_threshold(rows, target, more):
    scores, weights = (np.array(column) for column in zip(*rows, strict=True))
    tight, loose = (threshold_at_rate(scores, weights.astype(np.float64), rate, 100.0) for rate in (target, target + more))
    assert tight >= loose


def test_ties_pass_or_fail_together():
    scores, weights = np.array([1, 5, 5, 5, 9]), np.ones(5)
    assert threshold_at_rate(scores, weights, 79.9, 100.0) == 6
    assert threshold_at_rate(scores, weights, 80.0, 100.0) == 2


def test_weights_count():
    assert threshold_at_rate(np.array([1, 2]), np.array([1.0, 9.0]), 50.0, 100.0) == 3
    assert threshold_at_rate(np.array([1, 2]), np.array([9.0, 1.0]), 50.0, 100.0) == 2


def test_bad_input():
    with pytest.raises(ConfigError, match="rate_khz must be positive"):
        threshold_at_rate(np.array([1]), np.ones(1), 0.0, 100.0)
    with pytest.raises(DataError, match="one weight for each score"):
        threshold_at_rate(np.array([1, 2]), np.ones(1), 1.0, 100.0)
    with pytest.raises(DataError, match="one weight for each score"):
        threshold_at_rate(np.array([], dtype=np.int64), np.ones(0), 1.0, 100.0)


def test_resolve_derives_and_binds_thresholds():
    words = np.arange(1000)
    resolved = resolve_thresholds(toy_menu(), {"axo": words}, np.ones(1000), {"axo": DIGEST})
    cut = resolved.definitions.object_cuts["AXO-SCORE_loose"]
    assert target_rates(toy_menu()) == (60.0, 300.0)
    assert (cut.window, cut.rate_khz) == (Window(1000 - 9), 300.0)  # one crossing of 1000 is 31 kHz: nine are 279
    assert resolved.conditions["AXO[AXO-MODEL_axo,AXO-SCORE_loose]"].score_cuts == (cut,)
    assert resolved.networks == {"axo": DIGEST}
    assert resolved.unresolved == ()
    again = resolve_thresholds(resolved, {"axo": words * 2}, np.ones(1000), {"axo": DIGEST})
    assert again.definitions.object_cuts["AXO-SCORE_loose"].window == Window(1981)


def test_a_fixed_threshold_is_kept_and_checked():
    menu = menu_with("AXO[AXO-MODEL_axo, AXO-SCORE_5]", networks={"axo": DIGEST})
    assert resolve_thresholds(menu, {}, np.ones(3), {"axo": DIGEST}) == menu
    with pytest.raises(ConfigError, match=r"belong to model abababababab, .* model cdcdcdcdcdcd"):
        resolve_thresholds(menu, {}, np.ones(3), {"axo": "cd" * 32})


def test_a_score_without_model_is_refused():
    with pytest.raises(ConfigError, match="needs a model for the network 'axo'; did you mean 'ax0'"):
        resolve_thresholds(toy_menu(), {"axo": np.arange(3)}, np.ones(3), {"ax0": DIGEST})

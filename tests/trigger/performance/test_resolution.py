from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import ConfigError, DataError
from l1ml.trigger import WeightedSample, threshold_at_rate
from l1ml.trigger.performance import RateResolutionError, resolved_threshold


def sample(weights) -> WeightedSample:
    return WeightedSample.from_arrays(weights, np.arange(len(weights)))


@given(st.integers(20, 3000), st.floats(0.5, 90.0))
def test_a_rate_is_given_or_refused_by_the_crossings_behind_it(n, rate):
    words = np.arange(n)
    passing = max(k for k in range(n) if k / n * 100.0 <= rate)
    if passing >= 10:
        threshold, reached = resolved_threshold(words, sample(np.ones(n)), rate, 100.0)
        assert threshold == threshold_at_rate(words, np.ones(n), rate, 100.0)
        assert reached.n_events == passing
        return
    with pytest.raises(RateResolutionError, match="times as many") as caught:
        resolved_threshold(words, sample(np.ones(n)), rate, 100.0)
    needed = caught.value.n_needed
    assert needed >= 1000 / rate * 0.999
    resolved_threshold(np.arange(2 * needed), sample(np.ones(2 * needed)), rate, 100.0)


def test_the_message_says_how_many_are_needed():
    with pytest.raises(
        DataError, match=r"0\.3 kHz of 31,000 kHz needs 10 effective .* 1,000 crossings have 0\.0097: about 1,033,334"
    ):
        resolved_threshold(np.arange(1000), sample(np.ones(1000)), 0.3, 31_000.0)


def test_few_heavy_crossings_do_not_count_as_many():
    weights = np.where(np.arange(1000) < 998, 1e-3, 1.0)
    words = np.where(np.arange(1000) < 998, np.arange(1000), 2000)
    _, reached = resolved_threshold(words, sample(np.ones(1000)), 20.0, 100.0)
    assert reached.n_events == 200
    with pytest.raises(RateResolutionError, match="have 2: about"):
        resolved_threshold(words, sample(weights), 66.9, 100.0)  # two crossings hold 67 %


def test_more_events_do_not_help_where_one_word_is_too_frequent():
    words = np.where(np.arange(1000) < 300, 7, np.arange(1000) % 7)
    with pytest.raises(RateResolutionError, match=r"largest score word, 7, alone comes at 30 kHz \(300 crossings\)") as caught:
        resolved_threshold(words, sample(np.ones(1000)), 20.0, 100.0)
    assert caught.value.n_needed is None


def test_words_without_weight_are_not_there():
    words, weights = np.append(np.arange(1000), 5000), np.append(np.ones(1000), 0.0)
    with pytest.raises(RateResolutionError) as caught:
        resolved_threshold(words, sample(weights), 0.05, 100.0)
    assert caught.value.n_needed == 20_020


def test_bad_input():
    with pytest.raises(ConfigError, match="min_effective must be positive"):
        resolved_threshold(np.arange(3), sample(np.ones(3)), 1.0, 100.0, min_effective=0.0)
    with pytest.raises(ConfigError, match="rate_khz must be positive"):
        resolved_threshold(np.arange(3), sample(np.ones(3)), 0.0, 100.0)
    with pytest.raises(DataError, match="all zero"):
        sample(np.zeros(3))

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.performance import RateResolutionError, ScoredSample
from l1ml.trigger.performance.resampling import Resampled, resampled_areas, resampled_efficiencies, resampled_share
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.trigger.roc import area_under_curve
from l1ml.trigger.thresholds import threshold_at_rate

KHZ = 1000.0


def sample(words: NDArray[np.int64], weight: NDArray[np.float64] | None = None, copies: int = 1) -> ScoredSample:
    """Crossings of `words`, `copies` of each collision next to each other."""
    group = np.arange(words.size, dtype=np.uint64) // np.uint64(copies)
    weights = np.ones(words.size) if weight is None else weight
    return ScoredSample(WeightedSample.from_arrays(weights, group), group, words, np.zeros(words.size, np.bool_))


def toy(rng: np.random.Generator, n: int = 400, copies: int = 1) -> dict[str, ScoredSample]:
    weight = np.repeat(rng.exponential(size=n // copies), copies)
    return {
        "zero_bias": sample(rng.integers(0, 30, n), weight, copies),
        "ttbar": sample(rng.integers(10, 60, n)),
        "haa4b": sample(rng.integers(0, 40, n)),
    }


@given(st.integers(0, 2**32 - 1), st.floats(1.0, 900.0))
def test_the_sample_as_it_is_has_the_figures_that_are_quoted_elsewhere(seed: int, rate: float) -> None:
    samples = toy(np.random.default_rng(seed), 60)
    zero_bias = samples["zero_bias"]
    threshold = threshold_at_rate(zero_bias.words, zero_bias.sample.weight, rate, KHZ)
    areas = resampled_areas(samples, "zero_bias", n=2)
    for name in ("ttbar", "haa4b"):
        expected = area_under_curve(samples[name].words, zero_bias.words, zero_bias.sample.weight)
        assert areas[name].value == pytest.approx(expected)
    if (zero_bias.words >= threshold).any():
        found = resampled_efficiencies(samples, "zero_bias", rate, KHZ, n=2)
        assert {name: item.value for name, item in found.items()} == {
            name: pytest.approx(float((samples[name].words >= threshold).mean())) for name in ("ttbar", "haa4b")
        }


def test_equal_words_do_not_differ_in_any_draw_and_others_do(rng: np.random.Generator) -> None:
    samples = toy(rng)
    other = {**samples, "ttbar": sample(rng.integers(10, 60, 400))}
    one, same, two = (resampled_efficiencies(item, "zero_bias", 100.0, KHZ) for item in (samples, dict(samples), other))
    assert one == same
    assert one["ttbar"].minus(same["ttbar"]).error == 0.0
    assert one["haa4b"] == two["haa4b"]
    assert one["ttbar"].minus(two["ttbar"]).error > 0.0


def test_the_error_of_a_share_is_binomial_and_copies_count_once(rng: np.random.Generator) -> None:
    passes = rng.random(4000) < 0.3
    expected = float(np.sqrt(0.3 * 0.7 / 4000))
    assert resampled_share(passes, sample(passes.astype(np.int64)).sample, n=1000).error == pytest.approx(expected, rel=0.1)
    copied = np.repeat(passes, 4)
    four = sample(copied.astype(np.int64), copies=4)
    assert resampled_share(copied, four.sample, n=1000).error == pytest.approx(expected, rel=0.1)


def test_a_threshold_is_derived_anew_in_each_draw(rng: np.random.Generator) -> None:
    # every signal crossing has the same word: at a fixed threshold its efficiency would have no error at all
    words = rng.integers(0, 1000, 500)
    samples = {"zero_bias": sample(words), "signal": sample(np.full(500, int(np.quantile(words, 0.9)) + 1))}
    assert resampled_efficiencies(samples, "zero_bias", 100.0, KHZ)["signal"].error > 0.1


def test_what_has_no_answer_is_refused(rng: np.random.Generator) -> None:
    samples = toy(rng)
    with pytest.raises(RateResolutionError, match="more events do not help"):
        resampled_efficiencies({**samples, "zero_bias": sample(np.zeros(400, np.int64))}, "zero_bias", 500.0, KHZ)
    with pytest.raises(ConfigError, match="two draws or more, received 1"):
        resampled_areas(samples, "zero_bias", n=1)
    with pytest.raises(DataError, match="the same draws, received 2 and 3"):
        Resampled(0.5, (0.4, 0.6)).minus(Resampled(0.5, (0.4, 0.5, 0.6)))

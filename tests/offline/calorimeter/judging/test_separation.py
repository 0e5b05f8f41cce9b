from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline.calorimeter.judging.correlations import correlation_difference, correlations
from offline.calorimeter.judging.separation import separation_powers


@given(st.integers(0, 2**31))
def test_is_eq_15_of_normalised_histograms(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, generated = rng.normal(size=(500, 1)), rng.normal(0.3, 1.2, (700, 1))
    found = separation_powers(truth, generated, ["x"], bins=10)["x"]
    edges = np.quantile(truth, np.linspace(0, 1, 11))
    inside = np.clip(generated, edges[0], edges[-1])
    h1, h2 = (np.histogram(side, edges)[0] / len(side) for side in (truth, inside))
    assert found == pytest.approx(0.5 * np.sum((h1 - h2) ** 2 / (h1 + h2)), abs=0.005)  # a quantile may be a value


def test_a_pile_at_one_value_does_not_hide_the_rest(rng: np.random.Generator) -> None:
    truth = np.where(rng.random((4000, 1)) < 0.1, -8.0, rng.normal(3, 0.1, (4000, 1)))
    moved = np.where(truth > 0, truth + 0.2, truth)
    assert separation_powers(truth, moved, ["log10 E"])["log10 E"] > 0.3
    assert separation_powers(np.full((9, 1), 2.0), np.full((9, 1), 2.0), ["constant"]) == {"constant": 0.0}


def test_samples_apart_have_one_and_equal_ones_zero(rng: np.random.Generator) -> None:
    values = rng.normal(size=(100, 2))
    assert separation_powers(values, values, ["a", "b"]) == {"a": 0.0, "b": 0.0}
    assert separation_powers(values, values + 100, ["a", "b"])["b"] > 0.95


def test_correlations_are_those_of_numpy_and_constants_have_none(rng: np.random.Generator) -> None:
    values = rng.normal(size=(50, 3)) @ rng.normal(size=(3, 3))
    assert correlations(values) == pytest.approx(np.corrcoef(values, rowvar=False))
    values[:, 1] = 0.1
    assert correlations(values)[1].tolist() == [0, 0, 0]


def test_a_correlation_that_is_gone_is_the_difference(rng: np.random.Generator) -> None:
    free = rng.normal(size=(4000, 2))
    found = correlation_difference(free @ np.array([[1, 1], [0, 0.1]]), free)
    assert found["largest"] == pytest.approx(0.995, abs=0.05)
    assert found["rms"] == found["largest"]

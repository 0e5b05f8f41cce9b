from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from l1ml.errors import ConfigError, DataError
from offline.unfolding import Replica, Unfolded
from offline.unfolding.spectrum import Binning, Spectrum


def events(gen: np.ndarray, weight: np.ndarray, *replicas: Replica) -> Unfolded:
    names = ("x", "y", "z")[: gen.shape[1]]
    return Unfolded("none", names, gen, weight, np.arange(len(gen), dtype=np.uint64), replicas=replicas)


@given(arrays(np.float64, 40, elements=st.floats(-3, 3)), arrays(np.float64, 40, elements=st.floats(-1, 2)))
def test_one_quantity_as_numpy_counts(x: np.ndarray, weight: np.ndarray) -> None:
    edges = np.array([-2.0, -0.5, 0.0, 1.0, 3.0])
    expected = np.histogram(x, edges, weights=weight)[0]
    np.testing.assert_allclose(Spectrum.of(events(x[:, None], weight), {"x": edges}).values, expected, atol=1e-12)


def test_three_quantities_in_any_order_as_numpy_counts(rng: np.random.Generator) -> None:
    gen, weight = rng.normal(size=(500, 3)), rng.normal(1.0, 0.5, 500)
    edges = {"z": np.linspace(-1, 2, 4), "x": np.linspace(-2, 2, 6), "y": np.array([-1.0, 1.0])}
    expected = np.histogramdd(gen[:, [2, 0, 1]], list(edges.values()), weights=weight)[0]
    spectrum = Spectrum.of(events(gen, weight), edges)
    np.testing.assert_allclose(spectrum.values, expected, atol=1e-12)
    np.testing.assert_allclose(spectrum.density().values.sum() * 1.0 * 0.8 * 2.0, expected.sum())
    assert spectrum.normalised().values.sum() == pytest.approx(1.0)


def test_covariance_is_that_of_numpy_for_draws_and_an_outer_product_for_shifts(rng: np.random.Generator) -> None:
    gen, weight = rng.normal(size=(300, 1)), np.ones(300)
    draws = [Replica("data", k, rng.poisson(1.0, 300).astype(float)) for k in range(20)]
    up, down = Replica("systematic:scale", 0, weight, gen * 1.1), Replica("systematic:scale", 1, weight, gen * 0.9)
    edges = {"x": np.linspace(-3, 3, 7)}
    spectrum = Spectrum.of(events(gen, weight, *draws[::-1], up, down), edges)
    counts = np.array([np.histogram(gen, edges["x"], weights=item.weight[:, None])[0] for item in draws])
    np.testing.assert_array_equal(spectrum.replicas["data"], counts)
    np.testing.assert_allclose(spectrum.covariance(["data"]), np.cov(counts.T))
    shifts = [np.histogram(gen * scale, edges["x"])[0] - spectrum.values for scale in (1.1, 0.9)]
    outer = sum(np.outer(shift, shift) for shift in shifts) / 2
    np.testing.assert_allclose(spectrum.covariance(["systematic:scale"]), outer)
    np.testing.assert_allclose(spectrum.covariance(), np.cov(counts.T) + outer)
    np.testing.assert_allclose(np.diag(spectrum.correlation()), 1.0)
    np.testing.assert_allclose(spectrum.errors() ** 2, np.diag(spectrum.covariance()))


def test_shares_of_replicas_have_no_error_of_their_sum(rng: np.random.Generator) -> None:
    gen = rng.uniform(size=(300, 1))
    draws = [Replica("data", k, rng.poisson(1.0, 300).astype(float)) for k in range(20)]
    spectrum = Spectrum.of(events(gen, np.ones(300), *draws), {"x": np.linspace(0, 1, 5)}).normalised()
    assert spectrum.covariance().sum() == pytest.approx(0.0, abs=1e-15)


def test_plain_values_are_json(rng: np.random.Generator) -> None:
    draws = [Replica("data", k, rng.poisson(1.0, 30).astype(float)) for k in range(5)]
    gen = rng.normal(size=(30, 2))
    plain = Spectrum.of(events(gen, np.ones(30), *draws), {"x": [-1.0, 0.0, 1.0], "y": [-1.0, 1.0]}).to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert set(plain["errors"]) == {"data", "total"}
    assert Spectrum.of(events(gen, np.ones(30)), {"x": [-1.0, 1.0]}).to_dict()["covariance"] is None


def test_what_cannot_be_meant_is_refused(rng: np.random.Generator) -> None:
    one = Replica("data", 0, np.ones(30))
    unfolded = events(rng.normal(size=(30, 1)), np.ones(30), one)
    with pytest.raises(DataError, match="unknown quantity 'X'"):
        Spectrum.of(unfolded, {"X": [0.0, 1.0]})
    with pytest.raises(ConfigError, match="rising"):
        Spectrum.of(unfolded, {"x": [0.0, 0.0, 1.0]})
    with pytest.raises(ConfigError, match="give each"):
        Binning((), ())
    spectrum = Spectrum.of(unfolded, {"x": [0.0, 1.0]})
    with pytest.raises(DataError, match="has no spread"):
        spectrum.covariance()
    with pytest.raises(DataError, match="no replicas of the kind 'mc'"):
        spectrum.covariance(["mc"])
    with pytest.raises(DataError, match="hence no covariance"):
        spectrum.covariance([])

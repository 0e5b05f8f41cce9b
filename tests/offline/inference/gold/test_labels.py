"""Joint labels: their means given what is observed are the ratio and the score."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from offline.inference import Normal, Prior, Uniform
from offline.inference.gold import Gold, Morphing, Response, SmearedGaussian, WeightedEvents
from offline.inference.gold.labels import gold_of_events, gold_of_model, scores_of_events

Floats = NDArray[np.float64]

MODEL = SmearedGaussian(1)
REFERENCE = np.array([[-1.0], [0.0], [1.0]])


def means(values: Floats, x: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Mean of `values` in bins of x, and its error."""
    rows = np.digitize(x, edges)
    inside = [values[rows == index] for index in range(1, len(edges))]
    return np.array([each.mean() for each in inside]), np.array([each.std() / np.sqrt(len(each)) for each in inside])


def test_labels_of_a_model_have_the_right_means() -> None:
    """Given x: the mean joint ratio over events of the reference, and the mean joint score over those of theta."""
    point, edges = 0.8, np.linspace(-1.5, 1.5, 7)
    prior = Prior({"a": Uniform(point - 1e-9, point + 1e-9)})
    gold = gold_of_model(MODEL, prior, REFERENCE, 200_000, seed=1)
    assert gold.drawn.mean() == 0.5
    exact_ratio = np.exp(MODEL.observed_log_ratio(gold.theta, gold.x, REFERENCE))
    exact_score = MODEL.observed_score(gold.theta, gold.x)[:, 0]
    pairs = [(np.exp(gold.log_ratio) - exact_ratio, ~gold.drawn), (gold.score[:, 0] - exact_score, gold.drawn)]
    for difference, kept in pairs:
        found, error = means(difference[kept], gold.x[kept, 0], edges)
        assert (np.abs(found) < 5 * error).all()


def triangle(n: int) -> WeightedEvents:
    """Density 1 + c z for z in (-1, 1), and a nuisance that tilts by exp(0.3 nu z)."""
    z = np.random.default_rng(3).uniform(-1, 1, n)
    morphing = Morphing.of(("c",), (1,), np.array([[0.0], [0.5]]))
    weights = np.stack([np.ones(n), 1 + 0.5 * z], axis=1) / n
    return WeightedEvents(("z",), z[:, None], weights, morphing, Response(("tilt",), 0.3 * z[:, None], np.zeros((n, 1))))


def test_labels_of_events_without_a_detector_are_exact() -> None:
    events = triangle(20_000)
    prior = Prior({"c": Uniform(-0.8, 0.8), "tilt": Normal(0, 1)})
    gold = gold_of_events(events, prior, np.zeros((1, 2)), 4000, points=100, seed=1)
    assert len(gold) == 4000
    assert len(np.unique(gold.theta[:, 0])) == 100
    z, (c, nu) = gold.x[:, 0], gold.theta.T
    total = np.array([events.cross_section(theta) for theta in gold.theta])
    np.testing.assert_allclose(gold.log_ratio, np.log((1 + c * z) * np.exp(0.3 * nu * z) / total), atol=1e-9)
    # the part of the score that depends on z; the rest is one number for each point
    rest = gold.score - np.stack([z / (1 + c * z), 0.3 * z], axis=1)
    first = gold.theta[:, 0] == gold.theta[0, 0]
    np.testing.assert_allclose(rest[first] - rest[first][0], 0.0, atol=1e-9)
    # positive c prefers positive z, in the events that it draws and not in those of the reference
    assert np.corrcoef(c[gold.drawn], z[gold.drawn])[0, 1] > 0.1
    assert abs(np.corrcoef(c[~gold.drawn], z[~gold.drawn])[0, 1]) < 0.1


def test_scores_of_events_at_one_point() -> None:
    x, score = scores_of_events(triangle(20_000), np.zeros(2), 50_000)
    assert x.shape == (50_000, 1)
    assert score.shape == (50_000, 2)
    assert np.abs(score.mean(axis=0)).max() < 0.02
    # the variance of a uniform number between -1 and 1
    assert score[:, 0].var() == pytest.approx(1 / 3, abs=0.02)


def test_refusals() -> None:
    with pytest.raises(ConfigError, match="the events have"):
        gold_of_events(triangle(10), Prior({"a": Normal(0, 1)}), np.zeros((1, 2)), 10)
    with pytest.raises(ConfigError, match="at least 2"):
        gold_of_model(MODEL, MODEL.prior, REFERENCE, 1, seed=1)
    labels = np.ones(3)
    with pytest.raises(DataError, match="must be numbers"):
        Gold(MODEL.prior, np.zeros((3, 1)), np.zeros((3, 1)), labels > 0, np.nan * labels, np.zeros((3, 1)))
    with pytest.raises(DataError, match="do not have the shapes"):
        Gold(MODEL.prior, np.zeros((3, 1)), np.zeros((3, 1)), labels > 0, labels, np.zeros((3, 2)))

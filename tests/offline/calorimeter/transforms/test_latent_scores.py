from __future__ import annotations

import numpy as np

from offline.calorimeter.transforms.latent_scores import latent_scores
from offline.calorimeter.transforms.scores import Scores


def test_counts_have_the_correlations_of_what_is_behind_them(rng: np.random.Generator) -> None:
    n = 4000
    incident = np.full(n, 1e4)
    hidden = rng.multivariate_normal(np.zeros(3), [[1.0, 0.9, 0.5], [0.9, 1.0, 0.5], [0.5, 0.5, 1.0]], n)
    counts = np.floor(np.clip(hidden[:, :2] + 1.5, 0.0, None))
    columns = np.concatenate([counts + rng.random(counts.shape), hidden[:, 2:]], axis=1)
    low, high = columns.copy(), columns.copy()
    low[:, :2], high[:, :2] = np.where(counts > 0, counts, -np.inf), counts + 1
    even = Scores.of(columns, incident)
    found, values = latent_scores(even, columns, incident, low=low, high=high, sweeps=30, rng=rng)
    # drawn evenly, counts forget a good part of it
    assert _correlation(even)[0, 1] < 0.84
    np.testing.assert_allclose(_correlation(found)[0, 1], 0.9, atol=0.03)
    np.testing.assert_allclose(_correlation(found)[0, 2], 0.5, atol=0.05)
    np.testing.assert_allclose(np.corrcoef(values.T), np.eye(3), atol=0.05)
    # and they are the same counts
    again = found.inverse(values, incident)
    np.testing.assert_array_equal(np.clip(np.floor(again[:, :2] + 1e-9), 0, None), counts)


def _correlation(scores: Scores) -> np.ndarray:
    covariance = scores.factors[0] @ scores.factors[0].T
    width = np.sqrt(np.diag(covariance))
    return covariance / np.outer(width, width)

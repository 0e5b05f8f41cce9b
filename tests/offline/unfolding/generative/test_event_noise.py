from __future__ import annotations

import numpy as np
from scipy import stats

from offline.unfolding.generative.event_noise import event_noise
from offline.unfolding.replicas.bootstrap import poisson_counts


def test_noise_is_normal_and_independent_of_column_draw_and_iteration() -> None:
    event = np.arange(20_000, dtype=np.uint64)
    first, second = (event_noise(event, 2, 3, iteration).reshape(-1, 6) for iteration in (0, 1))
    both = np.concatenate([first, second], axis=1)
    assert min(stats.kstest(column, "norm").pvalue for column in both.T) > 1e-3
    # five standard deviations of a correlation
    assert np.abs(np.corrcoef(both.T) - np.eye(12)).max() < 5 / np.sqrt(event.size)


def test_noise_follows_its_event() -> None:
    event = np.random.default_rng(1).integers(0, 2**63, 100, dtype=np.uint64)
    noise = event_noise(event, 2, 3, 0).reshape(100, 6)
    picked = np.array([70, 3, 3, 99])
    np.testing.assert_array_equal(event_noise(event[picked], 2, 3, 0).reshape(4, 6), noise[picked])


def test_bootstraps_hold_the_noise_of_draws() -> None:
    """Draws from the exact posterior at smear 3, where they scatter three times as much as the data let them."""
    gain, rng = 0.1, np.random.default_rng(1)
    covered = []
    for toy in range(200):
        event, reco = rng.integers(0, 2**63, 400, dtype=np.uint64), rng.normal(0, np.sqrt(10), 400)
        means = []
        for index in range(21):
            count = poisson_counts(event, kind="data", index=index, seed=toy) if index else np.ones(400, np.int64)
            kept = count > 0
            drawn = gain * reco[kept] + np.sqrt(1 - gain) * event_noise(event[kept], 1, 1, 0)[:, 0]
            means.append(np.average(drawn, weights=count[kept]))
        covered.append(abs(means[0]) <= np.std(means[1:], ddof=1))
    # exact binomial limits of three standard deviations
    low, high = stats.binom.ppf([0.0013, 0.9987], 200, 0.68) / 200
    assert low <= np.mean(covered) <= high

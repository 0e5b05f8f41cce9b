from __future__ import annotations

import numpy as np
from scipy import stats

from offline.unfolding.generative.event_noise import event_noise


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

from __future__ import annotations

import numpy as np
import pytest

from l1ml.trigger.abcd import abcd, closure_pulls
from l1ml.trigger.performance.pileup_error import pileup_errors
from l1ml.trigger.rates.sample import WeightedSample

N, EACH, POOL = 3000, 6, 150


def crossings(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which of 3000 crossings pass, each with six of 150 collisions; crossing and collision of each draw."""
    size = rng.exponential(size=POOL) ** 2
    collision = rng.integers(0, POOL, (N, EACH))
    passed = size[collision].sum(axis=1) + rng.exponential(size=N) > 22
    return passed, np.repeat(np.arange(N), EACH), collision.ravel()


def test_the_error_is_the_spread_over_pools(rng: np.random.Generator) -> None:
    """A binomial error alone is several times too small."""
    shares, variances = [], []
    for _ in range(300):
        passed, crossing, collision = crossings(rng)
        pulls = (passed - passed.mean())[None] / N
        (error,) = pileup_errors(pulls, [(crossing, collision)], POOL, POOL)
        shares.append(passed.mean())
        variances.append(error**2 + np.square(pulls).sum())
    binomial = np.mean(shares) * (1 - np.mean(shares)) / N
    assert np.var(shares) > 4 * binomial
    assert np.mean(variances) == pytest.approx(np.var(shares), rel=0.4)


def test_crossings_that_have_nothing_in_common_add_nothing(rng: np.random.Generator) -> None:
    """Neither do two kinds of collisions of which one is drawn for crossings that pass more often."""
    passed = rng.random(20_000) < 0.1
    kind = passed.astype(np.int64)
    collision = 1000 * kind + rng.integers(0, 1000, 20_000)
    (error,) = pileup_errors((passed - 0.1)[None] / 20_000, [(np.arange(20_000), collision)], 1000, 2000)
    assert error < np.sqrt(0.09 / 20_000)


def test_draws_may_come_in_parts_and_collisions_that_no_crossing_has_add_nothing(rng: np.random.Generator) -> None:
    passed, crossing, collision = crossings(rng)
    pulls = np.stack([passed / N, passed / -N])
    whole = pileup_errors(pulls, [(crossing, collision)], POOL, POOL)
    parts = [(crossing[:7000], collision[:7000]), (crossing[7000:], collision[7000:])]
    np.testing.assert_allclose(pileup_errors(pulls, parts, POOL, POOL + 9), whole)
    assert whole[0] == whole[1] > 0


def test_pulls_are_the_change_of_the_closure_by_one_more_crossing(rng: np.random.Generator) -> None:
    one, other = rng.integers(0, 10, (2, 4000))
    weight = rng.uniform(0.5, 1.5, 4000)
    sample = WeightedSample.from_arrays(weight, np.arange(4000))
    found = abcd(one, other, sample, (6, 7))
    pulls = closure_pulls(found, one, other, sample)
    assert np.sqrt(np.square(pulls).sum()) == pytest.approx(found.closure_error)
    for place in range(8):
        more = weight.copy()
        more[place] *= 1.001
        changed = abcd(one, other, WeightedSample.from_arrays(more, np.arange(4000)), (6, 7))
        assert changed.closure - found.closure == pytest.approx(0.001 * pulls[place], rel=0.01)

from __future__ import annotations

import numpy as np

from offline.unfolding.normal_scores import follow, score_curve, score_levels, score_reach


def test_curve_makes_a_sample_standard_normal(rng: np.random.Generator) -> None:
    values = rng.exponential(size=50_000)
    reach = score_reach(len(values))
    curve = score_curve(values, np.ones(len(values)), reach)
    assert (np.diff(curve) > 0).all()
    scores = follow(values, curve, np.linspace(-reach, reach, len(curve)))
    np.testing.assert_allclose(np.quantile(scores, score_levels(2, 5)), [-2, -1, 0, 1, 2], atol=0.02)
    np.testing.assert_allclose(follow(scores, np.linspace(-reach, reach, len(curve)), curve), values, rtol=1e-6)


def test_reach_grows_with_the_sample() -> None:
    assert [score_reach(n) for n in (10, 10**9)] == [0.5, 3.5]
    assert 2 < score_reach(2000) < 2.5


def test_two_points_are_a_straight_line() -> None:
    np.testing.assert_allclose(follow(np.array([-3.0, 0.5, 4.0]), np.array([0.0, 1.0]), np.array([0.0, 2.0])), [-6, 1, 8])

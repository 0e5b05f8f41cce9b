from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

keras = pytest.importorskip("keras")

from l1ml.training.double.closure import SHARES, closure_penalty  # noqa: E402  # after the check for Keras

N = 20_000


def scores_of(correlation: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Two lognormal scores (N, 2)."""
    normal = rng.standard_normal((N, 2))
    normal[:, 1] = correlation * normal[:, 0] + np.sqrt(1 - correlation**2) * normal[:, 1]
    return np.exp(normal).astype(np.float32)


def plain(scores: NDArray[Any], weight: NDArray[Any]) -> float:
    """The same from counts of whole crossings."""
    passed = []
    for level in scores.T:
        order = np.argsort(-level, kind="stable")
        places = np.searchsorted(np.cumsum(weight[order] / weight.sum(), dtype=np.float32), np.float32(SHARES))
        passed.append(level[:, None] >= level[order[places]])
    total = 0.0
    for one in passed[0].T:
        for other in passed[1].T:
            counts = [(weight * region).sum() for region in (one & other, one & ~other, ~one & other, ~one & ~other)]
            a, b, c, d = np.log(np.array(counts) / weight.sum() + 0.1 / N)
            total += (a + d - b - c) ** 2
    return total / len(SHARES) ** 2


def test_the_penalty_is_that_of_whole_counts(rng: np.random.Generator) -> None:
    scores, weight = scores_of(0.3, rng), rng.exponential(size=N).astype(np.float32)
    assert float(closure_penalty(scores, weight)) == pytest.approx(plain(scores, weight), rel=2e-3)


def test_dependent_scores_cost_more_the_more_they_depend(rng: np.random.Generator) -> None:
    weight = np.ones(N, np.float32)
    costs = [float(closure_penalty(scores_of(correlation, rng), weight)) for correlation in (0.0, 0.2, 0.6)]
    assert costs[0] < 0.01 < costs[1] < costs[2]


@given(st.floats(0.5, 3.0), st.integers(0, 3))
@settings(max_examples=10, deadline=None)
def test_what_keeps_the_order_keeps_the_penalty(power: float, seed: int) -> None:
    scores, weight = scores_of(0.4, np.random.default_rng(seed)), np.ones(N, np.float32)
    after = np.stack([scores[:, 0] ** 2, np.float32(power) * scores[:, 1]], 1)
    assert float(closure_penalty(after, weight)) == pytest.approx(float(closure_penalty(scores, weight)), rel=1e-2)


def test_the_gradient_takes_a_mixture_apart(rng: np.random.Generator) -> None:
    """Two scores that share a part become independent when descent may choose how much of it each keeps."""
    part = scores_of(0.0, rng)
    share = keras.Variable(0.4)
    weight, optimizer = np.ones(N, np.float32), keras.optimizers.Adam(0.05)
    tf = pytest.importorskip("tensorflow")
    for _ in range(10):
        with tf.GradientTape() as tape:
            scores = keras.ops.stack([part[:, 0], share * part[:, 0] + part[:, 1]], axis=1)
            loss = closure_penalty(keras.ops.abs(scores), weight)
        optimizer.apply([tape.gradient(loss, share.value)], [share])
    assert abs(float(share)) < 0.15

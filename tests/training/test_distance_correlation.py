from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from l1ml.errors import ConfigError
from l1ml.training.distance_correlation import distance_correlation_squared

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")

Floats = NDArray[np.float64]


def oracle(x: Floats, y: Floats, weight: Floats) -> float:
    """All pairs at once, from doubly centred distances."""
    w = weight / weight.sum()

    def centred(values: Floats) -> Floats:
        table = np.abs(values[:, None] - values)
        mean = table @ w
        return table - mean[:, None] - mean + w @ mean

    a, b = centred(x), centred(y)
    both = np.outer(w, w)
    return float((both * a * b).sum() / np.sqrt((both * a * a).sum() * (both * b * b).sum()))


def sample(n: int, seed: int) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    x = rng.exponential(size=n)
    return x, np.sin(3 * x) + 0.3 * rng.normal(size=n), rng.uniform(0, 2, n)


@settings(max_examples=15, deadline=None)
@given(st.integers(3, 40), st.integers(0, 9), st.sampled_from([0, 1, 7]))
def test_it_is_the_plain_formula(n: int, seed: int, digits: int) -> None:
    # on a coarse grid, as scores are, many of them are equal
    x, y, weight = (np.round(item, digits) for item in sample(n, seed))
    x[0], y[0], weight[:2] = 9, 9, 1
    found = float(distance_correlation_squared(x, y, weight))
    assert found == pytest.approx(oracle(x, y, weight), rel=1e-9, abs=1e-9)
    assert found == pytest.approx(float(distance_correlation_squared(y, 5 - 7 * x, 3 * weight)), rel=1e-9, abs=1e-9)


def test_the_gradient_is_the_difference_quotient() -> None:
    x, y, weight = sample(17, 3)
    tensors = [tf.constant(x), tf.constant(y)]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = distance_correlation_squared(*tensors, weight)
    step = 1e-6
    for values, gradient, other in zip((x, y), tape.gradient(value, tensors), (y, x), strict=True):
        for index in range(len(values)):
            up, down = (values + sign * step * (np.arange(len(values)) == index) for sign in (1, -1))
            quotient = (oracle(up, other, weight) - oracle(down, other, weight)) / (2 * step)
            assert float(gradient[index]) == pytest.approx(quotient, rel=1e-4, abs=1e-7)


def test_equal_scores_do_not_pull_at_each_other() -> None:
    x, y, weight = sample(12, 4)
    x[5:9] = x[5]
    tensor = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        value = distance_correlation_squared(tensor, y, weight)
    # the slopes on both sides of such a place differ, and the gradient is their mean
    step, index = 1e-6, 6
    up, down = (x + sign * step * (np.arange(12) == index) for sign in (1, -1))
    quotient = (oracle(up, y, weight) - oracle(down, y, weight)) / (2 * step)
    assert float(tape.gradient(value, tensor)[index]) == pytest.approx(quotient, rel=1e-4)


def test_ten_thousand_crossings_in_a_graph_go_down_its_slope() -> None:
    rng = np.random.default_rng(2)
    x, weight = rng.normal(size=10_000).astype(np.float32), np.ones(10_000, np.float32)
    noise = rng.normal(size=10_000).astype(np.float32)

    @tf.function
    def slope(share: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(share)
            value = distance_correlation_squared(x, share * x + noise, weight)
        return value, tape.gradient(value, share)

    (value, gradient), (less, _) = slope(tf.constant(0.5)), slope(tf.constant(0.4))
    assert 0 < float(less) < float(value) < 1
    assert float(gradient) == pytest.approx(float(value - less) / 0.1, rel=0.1)


def test_a_score_that_never_changes_is_correlated_with_none() -> None:
    _, y, weight = sample(20, 1)
    still = tf.constant(np.full(20, 3.0))
    with tf.GradientTape() as tape:
        tape.watch(still)
        value = distance_correlation_squared(still, y, weight)
    assert float(value) == 0
    assert not np.any(np.asarray(tape.gradient(value, still)))


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ConfigError, match="one known length"):
        distance_correlation_squared(np.zeros(3), np.zeros(4), np.zeros(3))
    with pytest.raises(ConfigError, match="one known length"):
        distance_correlation_squared(np.zeros((3, 1)), np.zeros((3, 1)), np.zeros((3, 1)))

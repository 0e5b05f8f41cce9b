from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml._optional import require
from l1ml.model.readers.patches import Window

keras = require("keras")


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, tuple[int, ...]]:
    """A window and a tensor that it fits into; TensorFlow takes strides or dilation, not both."""
    rank = draw(st.integers(1, 2))
    size = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    factors = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    ones = (1,) * rank
    strides, dilation = (factors, ones) if draw(st.booleans()) else (ones, factors)
    shape = tuple(draw(st.integers((taps - 1) * step + 1, 9)) for taps, step in zip(size, dilation, strict=True))
    return Window(size, strides, dilation, draw(st.sampled_from(["valid", "same"]))), (*shape, draw(st.integers(1, 3)))


@settings(max_examples=60, deadline=None)
@given(windows())
def test_a_window_sees_the_words_that_a_convolution_sees(drawn: tuple[Window, tuple[int, ...]]) -> None:
    window, shape = drawn
    n_taps, channels = int(np.prod(window.size)), shape[-1]
    numbers = 1 + np.arange(np.prod(shape), dtype=np.float32).reshape(1, *shape)
    # a kernel that passes every tap and channel on as a channel of its own
    kernel = np.eye(n_taps * channels, dtype=np.float32).reshape(*window.size, channels, -1)
    options = {"strides": window.strides, "padding": window.padding, "dilation_rate": window.dilation}
    seen = np.asarray(keras.ops.conv(numbers, kernel, **options)).reshape(-1, n_taps, channels)
    np.testing.assert_array_equal(window.places(shape), seen.astype(np.int64) - 1)


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 3)])
def test_a_causal_window_ends_at_its_position(stride: int, dilation: int) -> None:
    places = Window((3,), (stride,), (dilation,), "causal").places((7, 1))[:, :, 0]
    expected = np.arange(0, 7, stride)[:, None] + np.array([-2, -1, 0]) * dilation
    np.testing.assert_array_equal(places, np.where(expected < 0, -1, expected))

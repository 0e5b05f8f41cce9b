from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qonnx_toy import LINK, Toy, check

from l1ml.errors import ConversionError
from l1ml.model.foreign import read_qonnx

pytest.importorskip("onnx", reason="the extra onnx is not installed")

CONVOLUTIONS: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "plain": ((2, 4, 5), (3, 2, 2, 3), {}),
    "strided": ((1, 6, 5), (2, 1, 3, 2), {"strides": [2, 1], "pads": [1, 0, 2, 1]}),
    "dilated": ((2, 6, 6), (2, 2, 2, 2), {"dilations": [2, 3], "kernel_shape": [2, 2]}),
    "grouped": ((4, 3, 3), (6, 2, 2, 2), {"group": 2}),
    "depthwise": ((3, 3, 4), (6, 1, 2, 2), {"group": 3, "auto_pad": "SAME_UPPER"}),
    "lower": ((1, 4, 4), (2, 1, 2, 2), {"auto_pad": "SAME_LOWER"}),
    "one_axis": ((2, 7), (3, 2, 3), {"pads": [1, 1], "strides": [2]}),
}


def weights(rng: np.random.Generator, toy: Toy, shape: tuple[int, ...], *, free: bool) -> str:
    """Weights with a scale for each filter, any number or a power of two."""
    exponents = rng.integers(-4, -1, (shape[0], *(1 for _ in shape[1:])))
    scale = 0.9 * rng.uniform(0.05, 0.3, exponents.shape) if free else 2.0**exponents
    return toy.weights(rng.normal(0, 0.7, shape), scale, 4)


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolutions(name: str, free: bool, tmp_path: Path, rng: np.random.Generator) -> None:
    shape, kernel, options = CONVOLUTIONS[name]
    toy = Toy(shape=(1, *shape))
    hidden = toy.quant("x", 0.37 if free else 1 / 4, 4)
    bias = toy.weights(rng.normal(0, 0.5, kernel[0]), 1 / 16, 6)
    hidden = toy.node("Conv", hidden, weights(rng, toy, kernel, free=free), bias, **options)
    output = toy.quant(toy.node("Relu", hidden), 0.31 if free else 1 / 8, 4, signed=0)
    network = check(toy.write(tmp_path / "a.onnx", output, 1), rng, n=20)
    # channels stay where they are until the end: one choice of words for all windows, and one for the output
    assert sum(type(node.operation).__name__ == "Gather" for node in network.nodes) <= 2


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]}),
        # onnx's own evaluator goes wrong where the two sides of an axis differ
        ("MaxPool", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [1, 2]}),
        ("AveragePool", {"kernel_shape": [2, 2], "strides": [2, 2]}),
        ("AveragePool", {"kernel_shape": [2, 2], "pads": [1, 1, 1, 1]}),
        ("AveragePool", {"kernel_shape": [2, 3], "pads": [1, 1, 1, 1], "count_include_pad": 1}),
        ("GlobalAveragePool", {}),
        ("GlobalMaxPool", {}),
    ],
)
def test_pooling(kind: str, options: dict[str, Any], free: bool, tmp_path: Path, rng: np.random.Generator) -> None:
    toy = Toy(shape=(1, 2, 4, 3))
    pooled = toy.node(kind, toy.quant("x", 0.37 if free else 1 / 4, 4), **options)
    output = toy.quant(toy.node("Flatten", pooled, axis=1), 0.17, 6)
    check(toy.write(tmp_path / "a.onnx", output, 1), rng, n=40)


def test_a_network_of_images(tmp_path: Path, rng: np.random.Generator) -> None:
    """Channels last as QKeras writes it, normalised, pooled, with a residual sum, back to channels last, and dense."""
    toy = Toy(shape=(1, 6, 6, 2))
    first = toy.node("Transpose", "x", perm=[0, 3, 1, 2])
    hidden = toy.node("Conv", first, weights(rng, toy, (3, 2, 3, 3), free=True), pads=[1, 1, 1, 1])
    norm = [toy.constant(item) for item in ([0.7, -1.1, 0.9], [0.1, 0.3, -0.2], [0.5, -1.5, 0.2], [1.7, 3.1, 0.6])]
    hidden = toy.quant(toy.node("Relu", toy.node("BatchNormalization", hidden, *norm, epsilon=1e-3)), 0.41, 3, signed=0)
    again = toy.node("Conv", hidden, weights(rng, toy, (3, 1, 1, 1), free=False), group=3)
    hidden = toy.node("Add", hidden, toy.quant(again, 0.41, 3))
    pooled = toy.node("MaxPool", hidden, kernel_shape=[2, 2], strides=[2, 2])
    last = toy.node("Reshape", toy.node("Transpose", pooled, perm=[0, 2, 3, 1]), toy.constant([-1, 27], np.int64))
    dense = toy.node("MatMul", last, toy.weights(rng.normal(0, 0.5, (27, 4)), 0.11, 4))
    check(toy.write(tmp_path / "a.onnx", toy.quant(dense, 0.53, 5), 4), rng, n=30)


def test_zeros_around_words_and_axes_of_length_one(tmp_path: Path, rng: np.random.Generator) -> None:
    toy = Toy(shape=(1, 2, 3))
    padded = toy.node("Pad", toy.quant("x", 0.3137, 4), toy.constant([0, 1, 0, 0, 0, 2], np.int64))
    more = toy.node("Unsqueeze", padded, toy.constant([2], np.int64))
    joined = toy.node("Concat", more, toy.quant(toy.node("Mul", more, toy.constant(0.7)), 0.4171, 3), axis=-1)
    less = toy.node("Squeeze", joined, toy.constant([2], np.int64))
    output = toy.quant(toy.node("MatMul", less, toy.weights(rng.normal(0, 1, (10, 2)), 1 / 4, 4)), 0.2113, 6)
    check(toy.write(tmp_path / "a.onnx", output, 1), rng)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda toy: toy.node("Conv", "x", toy.weights(np.ones((2, 3, 2, 2)), 1, 4)),
            r"weights of shape \(2, 3, 2, 2\) in 1 groups",
        ),
        (lambda toy: toy.node("Conv", "x", toy.constant(np.full((2, 2, 2, 2), 0.1))), "Conv with float constants"),
        (
            lambda toy: toy.node("Conv", "x", toy.weights(np.ones((1, 2, 1, 2)), [[[[0.3, 0.7]]]], 4)),
            "several scales inside a filter",
        ),
        (lambda toy: toy.node("Conv", "x", toy.weights(np.ones((1, 2, 5, 1)), 1, 4)), r"a window \[5, 1\] is larger than words"),
        (
            lambda toy: toy.node("Conv", "x", toy.weights(np.ones((1, 2, 1, 1)), 1, 4), toy.constant(np.ones(3))),
            r"constants of shape \(3,\) do not fit to 1 outputs",
        ),
        (lambda toy: toy.node("MaxPool", "x", kernel_shape=[2]), r"a window \[2\] on words of shape \(2, 3, 3\)"),
        (lambda toy: toy.node("MaxPool", "x"), "MaxPool without kernel_shape"),
        (lambda toy: toy.node("MaxPool", "x", kernel_shape=[2, 2], ceil_mode=1), "MaxPool with ceil_mode=1 is not read"),
        (lambda toy: toy.node("GlobalMaxPool", toy.node("Flatten", "x")), r"GlobalMaxPool of words of shape \(18,\)"),
    ],
)
def test_what_windows_cannot_be(make: Any, message: str, tmp_path: Path) -> None:
    toy = Toy(shape=(1, 2, 3, 3))
    with pytest.raises(ConversionError, match=message):
        read_qonnx(toy.write(tmp_path / "a.onnx", make(toy), 1), LINK)

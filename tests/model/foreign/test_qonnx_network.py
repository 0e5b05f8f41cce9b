from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from damage_job import damaged
from network_words import all_words
from qonnx_toy import DOMAIN, LINK, Toy, check

from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError, ConversionError, DataError
from l1ml.hardware import FixedPoint
from l1ml.model.foreign import read_qonnx

onnx = pytest.importorskip("onnx", reason="the extra onnx is not installed")


def kernel(rng: np.random.Generator, *shape: int) -> Any:
    return rng.normal(0, 0.7, shape)


def two_layers(rng: np.random.Generator, **options: Any) -> tuple[Toy, str]:
    toy = Toy()
    weights, bias = toy.weights(kernel(rng, 3, 4), 1 / 16, 6, **options), toy.weights(kernel(rng, 4), 1 / 8, 5)
    hidden = toy.node("Relu", toy.node("Add", toy.node("MatMul", "x", weights), bias))
    hidden = toy.quant(hidden, 1 / 4, 5, signed=0)
    return toy, toy.node(
        "Gemm", hidden, toy.weights(kernel(rng, 2, 4), 1 / 32, 4), toy.weights(kernel(rng, 2), 1 / 8, 5), transB=1
    )


def test_two_dense_layers_are_exact(tmp_path: Path, rng: np.random.Generator) -> None:
    toy, output = two_layers(rng)
    network = check(toy.write(tmp_path / "a.onnx", output, 2), rng)
    # the input's scale, two dense layers with their biases inside, and one quantiser that is the Relu too
    assert [type(node.operation).__name__ for node in network.nodes] == ["Scale", "Dense", "Quantise", "Dense"]


@pytest.mark.parametrize("mode", ["ROUND", "HALF_EVEN", "HALF_UP", "HALF_DOWN", "FLOOR", "DOWN"])
@pytest.mark.parametrize(("signed", "narrow"), [(1, 0), (1, 1), (0, 0)])
def test_every_rounding_and_range(mode: str, signed: int, narrow: int, tmp_path: Path, rng: np.random.Generator) -> None:
    toy = Toy()
    output = toy.quant("x", 1 / 2, 4, signed=signed, narrow=narrow, rounding_mode=mode)
    check(toy.write(tmp_path / "a.onnx", output, 3), rng, n=200)


@pytest.mark.parametrize("kind", ["Quant", "IntQuant"])
def test_scales_per_channel(kind: str, tmp_path: Path, rng: np.random.Generator) -> None:
    toy = Toy()
    weights = toy.weights(kernel(rng, 3, 4), [[1 / 16, 1 / 8, 1 / 2, 1 / 32]], 4, kind=kind)
    output = toy.quant(toy.node("MatMul", "x", weights), [[2, 1 / 4, 1, 1 / 8]], 5, kind=kind)
    check(toy.write(tmp_path / "a.onnx", output, 4), rng)


def test_signs(tmp_path: Path, rng: np.random.Generator) -> None:
    toy = Toy()
    weights = toy.node("BipolarQuant", toy.constant(kernel(rng, 3, 4)), toy.constant(0.5), domain=DOMAIN)
    hidden = toy.quant(toy.node("MatMul", "x", weights), 1 / 4, 1)
    again = toy.node("MatMul", hidden, toy.weights(kernel(rng, 4, 2), 1, 1))
    output = toy.node("BipolarQuant", again, toy.constant(2.0), domain=DOMAIN)
    check(toy.write(tmp_path / "a.onnx", output, 2), rng, n=200)


def test_constants_and_branches(tmp_path: Path, rng: np.random.Generator) -> None:
    """Scaled and moved inputs, a transposed matrix, both ways of a difference, a product, a square, a Relu that stays, lists."""
    toy = Toy()
    moved = toy.node("Sub", toy.node("Mul", "x", toy.constant(2.0)), toy.constant([1.0, 0.5, -0.25]))
    matrix = toy.node("Transpose", toy.weights(kernel(rng, 2, 3), 1 / 8, 4), perm=[1, 0])
    dense = toy.node("MatMul", toy.node("Identity", moved), matrix)
    relu = toy.node("Relu", dense)
    other = toy.node("Sub", toy.constant([[3.0]]), toy.node("Div", dense, toy.constant(4.0)))
    both = toy.node("Concat", relu, toy.node("Mul", relu, other), toy.node("Mul", dense, dense), axis=1)
    total = toy.node("Add", both, toy.node("Abs", both))
    check(toy.write(tmp_path / "a.onnx", toy.node("Mul", total, toy.constant(np.arange(1.0, 7.0))), 6), rng)


def test_shapes_of_more_dimensions(tmp_path: Path, rng: np.random.Generator) -> None:
    toy = Toy(shape=(1, 2, 3))
    scaled = toy.quant("x", np.array([[[1 / 2], [1 / 4]]]), 5)
    flat = toy.node("Flatten", scaled, axis=1)
    again = toy.node("Reshape", toy.node("Add", flat, toy.constant(np.arange(6.0))), toy.constant([-1, 3, 2], np.int64))
    rows = toy.node("Reshape", toy.node("Mul", again, toy.constant([[[2.0, 3.0]]])), toy.constant([0, 6], np.int64))
    check(toy.write(tmp_path / "a.onnx", toy.node("MatMul", rows, toy.weights(kernel(rng, 6, 2), 1 / 4, 4)), 2), rng)


def test_a_quantised_input_says_its_own_format(tmp_path: Path, rng: np.random.Generator) -> None:
    toy = Toy()
    output = toy.node("MatMul", toy.quant("x", 1 / 16, 8), toy.weights(kernel(rng, 3, 1), 1 / 4, 4))
    network = check(toy.write(tmp_path / "a.onnx", output, 1), rng, input_format=None)
    assert network.input_formats == (FixedPoint(8, 8),) * 3
    toy, output = two_layers(rng)
    with pytest.raises(ConversionError, match=r"the input 'x' has no format of its own: it is read by 'MatMul_2' \(MatMul\)"):
        read_qonnx(toy.write(tmp_path / "a.onnx", output, 2))


def test_a_softmax_at_the_end_is_left_out_when_asked(tmp_path: Path, rng: np.random.Generator) -> None:
    toy, logits = two_layers(rng)
    plain = read_qonnx(toy.write(tmp_path / "a.onnx", logits, 2), LINK)
    softmax = toy.node("Softmax", logits, axis=1)
    path = toy.write(tmp_path / "a.onnx", softmax, 2)
    assert read_qonnx(path, LINK, output="logits").digest == plain.digest
    network = read_qonnx(path, LINK, output="argmax")
    words = random_words(network.input_formats, 200, rng)
    np.testing.assert_array_equal(all_words(network, words)[:, 0], all_words(plain, words).argmax(axis=1))
    with pytest.raises(ConversionError, match="Softmax of a QONNX graph is not read; use output='logits'"):
        read_qonnx(path, LINK)
    with pytest.raises(ConfigError, match="received 'best'"):
        read_qonnx(path, LINK, output="best")  # type: ignore[arg-type]


def test_an_argmax_in_the_graph(tmp_path: Path, rng: np.random.Generator) -> None:
    toy, logits = two_layers(rng)
    path = toy.write(tmp_path / "a.onnx", toy.node("ArgMax", logits, axis=1, keepdims=1), 1)
    check(path, rng)


BAD_NODES: dict[str, tuple[Any, str]] = {
    "negative": (lambda toy: toy.quant("x", -0.5, 4), "Quant with a scale of -0.5"),
    "no_scale": (lambda toy: toy.quant("x", 0.0, 4), "Quant with a scale of 0 "),
    "zero": (lambda toy: toy.quant("x", 0.5, 4, zero=3), "a zero point of 3"),
    "bits": (lambda toy: toy.quant("x", 0.5, 3.5), "Quant of 3.5 bits"),
    "ceil": (lambda toy: toy.quant("x", 0.5, 4, rounding_mode="CEIL"), "rounding_mode='CEIL'"),
    "narrow": (lambda toy: toy.quant("x", 0.5, 4, signed=0, narrow=1), "narrow=1, signed=0"),
    "option": (lambda toy: toy.quant("x", 0.5, 4, fast=1), "attribute 'fast' is not known"),
    "domain": (lambda toy: toy.node("Trunc", "x", domain="other"), "Trunc of the domain 'other' is not read"),
    "float": (
        lambda toy: toy.node("MatMul", "x", toy.constant(np.full((3, 1), 0.1))),
        "MatMul with float constants .* a Quant node",
    ),
    "nan": (lambda toy: toy.node("MatMul", "x", toy.weights(np.full((3, 1), np.nan), 1, 4)), "3 of 3 weights are NaN"),
    "inf": (lambda toy: toy.node("Add", "x", toy.constant(np.inf)), "1 of 1 numbers of input 1 are NaN or infinite"),
    "shape": (
        lambda toy: toy.node("MatMul", "x", toy.weights(np.ones((2, 1)), 1, 4)),
        r"a matrix of shape \(2, 1\) on words of shape \(3,\)",
    ),
    "tanh": (lambda toy: toy.node("Tanh", "x"), "Tanh of a QONNX graph is not read; use Relu and Quant"),
    "norm": (
        lambda toy: toy.node("BatchNormalization", "x", *(toy.constant(np.ones(3)) for _ in range(4))),
        "numbers with a factor or offset of .* of more than 40 bits or without an end, .* use a Quant node before it",
    ),
    "norm_shape": (
        lambda toy: toy.node("BatchNormalization", "x", *(toy.constant(np.ones(2)) for _ in range(4))),
        r"BatchNormalization of 2 channels, all variances positive, on words of \(3,\)",
    ),
    "unknown": (lambda toy: toy.node("Foo", "x"), "Foo of a QONNX graph is not read; use one of Quant"),
    "gemm": (
        lambda toy: toy.node("Gemm", "x", toy.weights(np.ones((3, 1)), 1, 4), alpha=2.0),
        r"Gemm with alpha=2.0 is not read",
    ),
    "division": (lambda toy: toy.node("Div", "x", toy.constant(3.0)), "Div on numbers with a factor .* or without an end"),
    "zero_division": (lambda toy: toy.node("Div", "x", toy.constant([1.0, 0.0, 2.0])), "a division by zero"),
    "rows": (
        lambda toy: toy.node("MatMul", "x", toy.weights(np.ones((3, 2)), [[0.3], [0.3], [0.7]], 4)),
        "MatMul with one scale for each input",
    ),
    "transpose": (lambda toy: toy.node("Transpose", "x", perm=[1, 0]), "does not leave the crossings first"),
    "squeeze": (lambda toy: toy.node("Squeeze", "x", toy.constant([1], np.int64)), r"Squeeze of the axes \(1,\) of words"),
    "pad": (lambda toy: toy.node("Pad", "x", toy.constant([0, 0, 0, 1], np.int64), toy.constant(2.0)), "zeros around the axes"),
    "concat": (lambda toy: toy.node("Concat", "x", "x", axis=0), "Concat along axis 0 of words with 1 axes behind"),
    "argmax": (lambda toy: toy.node("ArgMax", "x", axis=0), "use one row of words and axis=1"),
    "broadcast": (lambda toy: toy.node("Add", "x", toy.constant([1.0, 2.0])), r"constants of shape \(2,\) do not fit"),
    "reshape": (lambda toy: toy.node("Reshape", "x", toy.constant([3, 1], np.int64)), "does not leave the first dimension"),
    "reshape_size": (
        lambda toy: toy.node("Reshape", "x", toy.constant([1, 4], np.int64)),
        r"Reshape of words of shape \(3,\) to",
    ),
    "order": (lambda toy: toy.node("Add", "x", "nothing"), "reads 'nothing', which nothing before it gives"),
    "constant": (lambda toy: toy.weights(np.ones((1, 3)), 1, 4), "does not depend on the input"),
    "input": (lambda toy: toy.node("Identity", "x"), "not what its last operation gives"),
}


@pytest.mark.parametrize("name", BAD_NODES)
def test_what_is_not_exact_is_refused_by_name(name: str, tmp_path: Path) -> None:
    toy = Toy()
    make, message = BAD_NODES[name]
    path = toy.write(tmp_path / "a.onnx", make(toy), 1)
    with pytest.raises((ConversionError, DataError), match=message):
        read_qonnx(path, FixedPoint(8, 8))


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"")
    with pytest.raises(DataError, match="is truncated, damaged or not an ONNX file"):
        read_qonnx(tmp_path / "a.onnx", LINK)
    with pytest.raises(DataError, match=r"cannot read .*none\.onnx: No such file"):
        read_qonnx(tmp_path / "none.onnx", LINK)


def test_inputs_of_other_kinds_are_refused(tmp_path: Path, rng: np.random.Generator) -> None:
    toy, output = two_layers(rng)
    for shape, what in (((4, 3), r"shape \[4, 3\]"), ((3,), r"shape \[3\]")):
        toy.shape = shape
        with pytest.raises(ConversionError, match=f"the input 'x' has type 1 and {what}"):
            read_qonnx(toy.write(tmp_path / "a.onnx", output, 2), LINK)
    toy.shape = (1, 3)
    model = toy.model(output, 2)
    model.graph.input.append(onnx.helper.make_tensor_value_info("y", 1, [1, 3]))
    (tmp_path / "a.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ConversionError, match="has 2 inputs and 1 outputs"):
        read_qonnx(tmp_path / "a.onnx", LINK)


def test_damaged_files_give_one_error_or_a_network(tmp_path: Path, rng: np.random.Generator) -> None:
    toy, output = two_layers(rng)
    content = toy.write(tmp_path / "a.onnx", output, 2).read_bytes()
    n_refused = 0
    for copy in damaged(content, 400, rng):
        (tmp_path / "a.onnx").write_bytes(copy)
        try:
            read_qonnx(tmp_path / "a.onnx", LINK)
        except (DataError, ConversionError):
            n_refused += 1
    assert n_refused >= 130


def test_the_executor_of_qonnx_gives_the_same_words(tmp_path: Path, rng: np.random.Generator) -> None:
    pytest.importorskip("qonnx", reason="qonnx is not installed")
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    toy, output = two_layers(rng, narrow=1)
    path = toy.write(tmp_path / "a.onnx", output, 2)
    network = read_qonnx(path, LINK)
    words = random_words(network.input_formats, 40, rng)
    model = ModelWrapper(str(path)).transform(InferShapes())
    rows = [execute_onnx(model, {"x": (row[None] / 16).astype(np.float32)})[output] for row in words]
    np.testing.assert_array_equal(all_words(network, words) * 2.0 ** -network.stages[-1].fractional, np.concatenate(rows))

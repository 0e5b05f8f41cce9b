"""QONNX graphs made with onnx, and what they compute: onnx's reference evaluator with the quantisers as QONNX defines them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from network_words import all_words
from numpy.typing import NDArray

from l1ml.emulation.stimuli import random_words
from l1ml.hardware import FixedPoint
from l1ml.model.foreign import read_qonnx

DOMAIN = "qonnx.custom_op.general"

LINK = FixedPoint(8, 4)
"""Words of 8 bits, 4 of them behind the point."""


class Toy:
    """Collects nodes and constants; every method gives the name of a tensor."""

    def __init__(self, n_inputs: int = 3, shape: tuple[int, ...] | None = None) -> None:
        self.shape = (1, n_inputs) if shape is None else shape
        self.nodes: list[Any] = []
        self.constants: dict[str, NDArray[np.float32]] = {}

    def constant(self, values: Any, dtype: Any = np.float32) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants[name] = np.asarray(values, dtype)
        return name

    def node(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        from onnx import helper

        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, domain=domain, **attributes))
        return name

    def quant(self, source: str, scale: Any, bits: float, *, zero: float = 0, kind: str = "Quant", **options: Any) -> str:
        attributes = {"signed": 1, "narrow": 0, "rounding_mode": "ROUND", **options}
        names = [self.constant(item) for item in (scale, zero, bits)]
        return self.node(kind, source, *names, domain=DOMAIN, **attributes)

    def weights(self, values: Any, scale: Any, bits: float, **options: Any) -> str:
        return self.quant(self.constant(values), scale, bits, **options)

    def model(self, output: str, n_outputs: int) -> Any:
        from onnx import TensorProto, helper, numpy_helper

        graph = helper.make_graph(
            self.nodes,
            "toy",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(self.shape))],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, n_outputs])],
            [numpy_helper.from_array(values, name) for name, values in self.constants.items()],
        )
        opsets = [helper.make_opsetid("", 15), helper.make_opsetid(DOMAIN, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def write(self, path: Path, output: str, n_outputs: int) -> Path:
        path.write_bytes(self.model(output, n_outputs).SerializeToString())
        return path


def computed(path: Path, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the graph in `path` gives for rows of `values`, in float32, by onnx's own evaluator."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    model = onnx.load(path)
    evaluator = ReferenceEvaluator(model, new_ops=_quantisers())
    source = model.graph.input[0]
    shape = [1, *(int(item.dim_value) for item in source.type.tensor_type.shape.dim[1:])]
    rows = [evaluator.run(None, {source.name: row.reshape(shape).astype(np.float32)})[0] for row in values]
    return np.concatenate(rows).astype(np.float64)


def check(path: Path, rng: np.random.Generator, input_format: FixedPoint | None = LINK, n: int = 60) -> Any:
    """The integer network gives the words of the graph, in onnx's evaluator, which gives them as float32."""
    network = read_qonnx(path, input_format)
    format_ = LINK if input_format is None else input_format
    words = random_words(network.input_formats, n, rng)
    expected = computed(path, words * 2.0**-format_.fractional)
    found = all_words(network, words) * 2.0 ** -network.stages[-1].fractional
    np.testing.assert_array_equal(found.astype(np.float32), expected.reshape(len(words), -1))
    assert len(np.unique(expected)) > 1
    return network


def _quantisers() -> list[Any]:
    from onnx.reference.op_run import OpRun

    rounding = {
        "ROUND": np.round,
        "HALF_EVEN": np.round,
        "HALF_UP": lambda x: np.sign(x) * np.floor(np.abs(x) + np.float32(0.5)),
        "HALF_DOWN": lambda x: np.sign(x) * np.ceil(np.abs(x) - np.float32(0.5)),
        "FLOOR": np.floor,
        "DOWN": np.fix,
    }

    class Quant(OpRun):
        op_domain = DOMAIN

        def _run(self, x: Any, *parameters: Any, signed: int, narrow: int, rounding_mode: str) -> Any:  # type: ignore[override]
            scale, zero, bits = parameters
            counts = x / scale + zero
            if bits == 1 and signed:
                counts = np.where(counts >= 0, 1, -1)
            else:
                low = -(2 ** (bits - 1)) + narrow if signed else 0
                high = 2 ** (bits - signed) - 1
                counts = rounding[rounding_mode](np.clip(counts, low, high))
            return (((counts - zero) * scale).astype(np.float32),)

    class BipolarQuant(OpRun):
        op_domain = DOMAIN

        def _run(self, x: Any, scale: Any) -> Any:  # type: ignore[override]
            return ((np.where(x >= 0, 1, -1) * scale).astype(np.float32),)

    return [Quant, type("IntQuant", (Quant,), {"op_domain": DOMAIN}), BipolarQuant]

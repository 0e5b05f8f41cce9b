"""QONNX graphs made with onnx, and what they compute: onnx's reference evaluator with the quantisers as QONNX defines them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DOMAIN = "qonnx.custom_op.general"


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
        opsets = [helper.make_opsetid("", 13), helper.make_opsetid(DOMAIN, 1)]
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

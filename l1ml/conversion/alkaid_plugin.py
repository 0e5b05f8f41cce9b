"""QKeras layers for alkaid, which finds this module through its entry-point group ``alkaid_keras``.

Implementation notes
--------------------
alkaid replays a Keras model on symbolic fixed-point variables. Rescaling and Multiply have handlers of its own that would also
accept factors and tensors without an exact form; ours read them through the same functions as the integer network does.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import qkeras
from alkaid.converter.builtin.keras.layers._base import ReplayOperationBase
from alkaid.trace.ops import quantize

from l1ml.hardware import FixedPoint
from l1ml.model.quantisers import read_dense, read_quantiser, read_scaling

__all__ = ["ReplayQActivation", "ReplayQDense", "ReplayScaling", "ReplaySquare", "apply_format", "register"]


def register() -> None:
    """Entry point of alkaid's plug-in loader; importing this module has registered the layers."""


def apply_format(values: Any, target: FixedPoint) -> Any:
    """Symbolic `values` rounded and saturated to `target`."""
    k, i, f = target.kif
    return quantize(values, k, i, f, target.overflow.name, target.rounding.name)


class ReplayQActivation(ReplayOperationBase):  # type: ignore[misc]
    """QActivation with quantized_bits or quantized_relu."""

    handles = (qkeras.QActivation,)
    __activation_handled__ = True

    def call(self, inputs: Any) -> Any:
        """Quantise `inputs`."""
        return apply_format(inputs, read_quantiser(self.op.activation, f"layer {self.op.name!r}"))


class ReplayQDense(ReplayOperationBase):  # type: ignore[misc]
    """QDense with fixed-point weights."""

    handles = (qkeras.QDense,)
    __activation_handled__ = True

    def call(self, inputs: Any) -> Any:
        """Multiply by the exact weights, add the exact bias, quantise if the layer has an activation."""
        words = read_dense(self.op)
        outputs = inputs @ words.kernel_format.from_words(words.kernel)
        if self.op.use_bias:
            outputs = outputs + words.bias_format.from_words(words.bias)
        if self.op.activation is None or getattr(self.op.activation, "__name__", "") == "linear":
            return outputs
        return apply_format(outputs, read_quantiser(self.op.activation, f"layer {self.op.name!r}"))


class ReplayScaling(ReplayOperationBase):  # type: ignore[misc]
    """Rescaling by powers of two: wires."""

    handles = (keras.layers.Rescaling,)

    def call(self, inputs: Any) -> Any:
        """Shift each input."""
        return inputs * 2.0 ** -read_scaling(self.op, inputs.shape[-1]).astype(np.float64)


class ReplaySquare(ReplayOperationBase):  # type: ignore[misc]
    """Multiply of a tensor with itself."""

    handles = (keras.layers.Multiply,)

    def call(self, inputs: Any) -> Any:
        """Multiply the two tensors element by element."""
        first, second = inputs
        return first * second

"""QKeras layers for alkaid, which finds this module through its entry-point group ``alkaid_keras``.

Implementation notes
--------------------
alkaid replays a Keras model on symbolic fixed-point variables. Rescaling and Multiply have handlers of its own that would also
accept factors and tensors without an exact form; ours read them through the same functions as the integer network does.

Rounding to even is built here from additions and truncations, because alkaid 0.8.2's own ``RND_CONV`` takes the wrong bits
when adding one half leaves a value with fewer fractional bits than it had (an odd constant added to it before, for instance).
Bits are cut out of unscaled variables only: alkaid keeps a power of two and a sign beside each variable, and its optimiser
takes a single bit cut out of a scaled one for the top bit when their weights happen to agree.
"""

from __future__ import annotations

from math import log2
from typing import Any

import keras
import numpy as np
import qkeras
from alkaid.converter.builtin.keras.layers._base import ReplayOperationBase
from alkaid.trace import FVArray

from l1ml.hardware import FixedPoint
from l1ml.model.quantisers import read_dense, read_quantiser, read_scaling

__all__ = ["ReplayQActivation", "ReplayQDense", "ReplayScaling", "ReplaySquare", "apply_format", "register"]


def register() -> None:
    """Entry point of alkaid's plug-in loader; importing this module has registered the layers."""


def apply_format(values: Any, target: FixedPoint) -> Any:
    """Symbolic `values` saturated and rounded to even as `target` says, which is what `read_quantiser` gives."""
    # between these bounds, which are on the grid themselves, rounding cannot leave the range: it needs no carry bit
    bounded = np.minimum(np.maximum(values, target.min), target.max)
    rounded = [_round_half_even(item, target.fractional) for item in np.asarray(bounded).ravel()]
    return FVArray(np.array(rounded, dtype=object).reshape(values.shape), values.solver_options, hwconf=values.hwconf)


def _round_half_even(value: Any, fractional: int) -> Any:
    """One symbolic `value` on the grid 2**-fractional, halves to even; one that is on it already stays as it is.

    The floor of value + 1/2 rounds halves up; where nothing is left below the grid it was a tie, and the last bit goes.
    """
    if value.kif[2] <= fractional:
        return value
    scale = float(value._factor)
    if scale != 1:
        return _round_half_even(value * (1 / scale), fractional + round(log2(abs(scale)))) * scale
    raised = value + 2.0 ** -(fractional + 1)
    k, i, finest = (int(item) for item in raised.kif)
    i = max(i, 1 - fractional)
    rest = raised.quantize(0, -fractional, finest)
    even = raised.quantize(k, i, fractional - 1)
    if rest.low == rest.high:
        return raised.quantize(k, i, fractional) if rest.low else even
    odd = raised.quantize(0, 1 - fractional, fractional)
    is_no_tie = rest.unary_bit_op("any") * 2.0**-fractional
    if odd.low == odd.high:
        return even + is_no_tie if odd.low else even
    return even + (is_no_tie & odd)


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

"""What each Keras layer and operation means in integers; the ones that mean nothing are refused with what to use instead."""

from __future__ import annotations

from l1ml.errors import ConversionError
from l1ml.model.operations import Absolute, Add, Square
from l1ml.model.readers.call import Call, Reader
from l1ml.model.readers.constants import or_constant, read_clip
from l1ml.model.readers.convolutions import read_convolution, read_depthwise, read_separable
from l1ml.model.readers.dense import read_activation, read_dense, read_time_distributed
from l1ml.model.readers.functions import FUNCTIONS, read_division, read_function
from l1ml.model.readers.pairs import combination, read_average, read_dot, read_maximum, read_minimum, read_multiply, read_subtract
from l1ml.model.readers.pooling import (
    read_average_pooling,
    read_max_pooling,
    read_quantised_average,
    read_quantised_global_average,
)
from l1ml.model.readers.reductions import (
    read_argmax,
    read_argmin,
    read_global_average,
    read_global_max,
    read_max,
    read_mean,
    read_min,
    read_sum,
)
from l1ml.model.readers.replacements import REPLACEMENTS
from l1ml.model.readers.wires import WIRES, read_wires
from l1ml.model.readers.words import each, read_at_least, read_negative, read_rescaling

__all__ = ["REPLACEMENTS", "Call", "read_layer"]


def read_layer(call: Call) -> int:
    """Append what `call` computes; the number of the stage after it.

    Raises
    ------
    ConversionError
        If it has no exact fixed-point form, by name, with what to use instead.
    """
    kind = type(call.layer).__name__
    if kind in _READERS:
        return _READERS[kind](call)
    if kind in FUNCTIONS:
        return read_function(call)
    if kind in WIRES:
        return read_wires(call)
    instead = REPLACEMENTS.get(kind, f"one of {', '.join(_READERS)}, or one that only moves words: {', '.join(sorted(WIRES))}")
    msg = f"{call.where}: {kind} has no exact fixed-point form; use {instead}"
    raise ConversionError(msg)


_READERS: dict[str, Reader] = {
    "QDense": read_dense,
    "QConv1D": read_convolution,
    "QConv2D": read_convolution,
    "QDepthwiseConv2D": read_depthwise,
    "QSeparableConv1D": read_separable,
    "QSeparableConv2D": read_separable,
    "QActivation": read_activation,
    "TimeDistributed": read_time_distributed,
    "Rescaling": read_rescaling,
    "MaxPooling1D": read_max_pooling,
    "MaxPooling2D": read_max_pooling,
    "GlobalMaxPooling1D": read_global_max,
    "GlobalMaxPooling2D": read_global_max,
    "AveragePooling1D": read_average_pooling,
    "AveragePooling2D": read_average_pooling,
    "GlobalAveragePooling1D": read_global_average,
    "GlobalAveragePooling2D": read_global_average,
    "QAveragePooling2D": read_quantised_average,
    "QGlobalAveragePooling2D": read_quantised_global_average,
    "Multiply": or_constant(read_multiply),
    "Add": or_constant(combination(Add(1), 0.0)),
    "Subtract": or_constant(read_subtract),
    "Maximum": or_constant(read_maximum),
    "Minimum": or_constant(read_minimum),
    "Average": read_average,
    "Dot": read_dot,
    "Clip": read_clip,
    "Negative": read_negative,
    "Divide": read_division,
    "TrueDivide": read_division,
    "Square": each(Square()),
    "Abs": each(Absolute()),
    "Absolute": each(Absolute()),
    "Max": read_max,
    "Min": read_min,
    "Argmin": read_argmin,
    "Argmax": read_argmax,
    "Sum": read_sum,
    "Mean": read_mean,
    "GreaterEqual": read_at_least,
}

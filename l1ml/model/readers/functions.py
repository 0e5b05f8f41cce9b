"""Functions that integers have no formula for, exact together with the QActivation behind them: as a table of all words.

Keras evaluates them in float32, and two machines may differ in its last bits. A table is therefore only made where the word does
not depend on them: where float64, moved by a few of the last bits of a float32 either way, rounds to the same word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.quantisers import read_quantiser
from l1ml.model.readers.call import Call
from l1ml.model.readers.constants import constant_of, read_constant
from l1ml.model.readers.wires import computed
from l1ml.model.tabulation import reachable_values, tabulate

__all__ = ["FUNCTIONS", "is_tabulated", "read_division", "read_function"]

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

_FUNCTIONS: dict[str, Function] = {
    "Cos": np.cos,
    "Exp": np.exp,
    "Expm1": np.expm1,
    "Log": np.log,
    "Log1p": np.log1p,
    "Reciprocal": np.reciprocal,
    "Rsqrt": lambda x: 1 / np.sqrt(x),
    "Sigmoid": lambda x: 0.5 + 0.5 * np.tanh(x / 2),
    "Sin": np.sin,
    "Softplus": lambda x: np.logaddexp(x, 0),
    "Sqrt": np.sqrt,
    "Tanh": np.tanh,
}
FUNCTIONS = frozenset(_FUNCTIONS)
"""Operations of keras.ops that a table can stand for."""

_DOUBT = 2.0**-21
"""Relative: four of the last bits of a float32."""


def read_function(call: Call) -> int:
    """Append the words that the QActivation behind the function makes of its values.

    Raises
    ------
    ConversionError
        If anything else reads the function, its QActivation is no single number format, a value is not finite, or a word hangs on
        the last bits of a float; also as `tabulate`.
    """
    layer = _quantised_by(call)
    kind, target = type(call.layer).__name__, read_quantiser(layer.activation, call.where)
    function = _function(call, kind)
    _check_values(call, kind, function, target)
    return tabulate(
        call.builder,
        call.layer.name,
        lambda values: layer.activation(computed(call, [np.asarray(values, np.float32)]).astype(np.float32)),
        call.sources[0],
        lambda values: target.quantize(function(values)),
        label=_label(kind),
    )


def _label(kind: str) -> str:
    """What the table is of, for messages."""
    return f"{kind} and its quantiser"


def is_tabulated(call: Call) -> bool:
    """Whether the words that a QActivation reads come from the table that it is part of."""
    producer = call.node.input_tensors[0]._keras_history.operation
    return type(producer).__name__ in FUNCTIONS or _is_quotient(producer)


def read_division(call: Call) -> int:
    """Words by a number, which is a factor, or a number by words, which is a table.

    Raises
    ------
    ConversionError
        If it is the quotient of two tensors; also as `read_function` and `read_constant`.
    """
    if len(call.sources) != 1:
        msg = f"{call.where}: Divide of two tensors; use keras.ops.reciprocal, a QActivation behind it, and keras.ops.multiply"
        raise ConversionError(msg)
    return read_function(call) if _is_quotient(call.layer) else read_constant(call)


def _is_quotient(operation: Any) -> bool:
    """Whether a Keras `operation` is a number divided by words."""
    if type(operation).__name__ not in {"Divide", "TrueDivide"} or len(operation._inbound_nodes[0].input_tensors) != 1:
        return False
    above, is_below = constant_of(operation._inbound_nodes[0])
    return not is_below and above.size == 1


def _function(call: Call, kind: str) -> Function:
    """The function in float64."""
    if kind in _FUNCTIONS:
        return _FUNCTIONS[kind]
    above = float(constant_of(call.node)[0].item())
    return lambda values: above / values


def _quantised_by(call: Call) -> Any:
    """The one QActivation that reads the function."""
    readers = {id(node.operation): node.operation for node in call.layer._outbound_nodes}
    kinds = [type(item).__name__ for item in readers.values()]
    if kinds != ["QActivation"]:
        what = ", ".join(kinds) or "nothing"
        msg = f"{call.where}: {type(call.layer).__name__} is read by {what}; a table needs one QActivation right behind it"
        raise ConversionError(msg)
    return next(iter(readers.values()))


def _check_values(call: Call, kind: str, function: Function, target: FixedPoint) -> None:
    """Refuse words without a finite value, and values on which machines might disagree."""
    label = f"{call.where}: {_label(kind)}"
    _, values = reachable_values(call.builder.stages[call.sources[0]], label)
    with np.errstate(all="ignore"):
        found = function(values)
    wrong = ~np.isfinite(found)
    if wrong.any():
        what = f"{kind} of {values[wrong][0]} is {found[wrong][0]}"
        msg = f"{call.where}: {what}; keep that word out, with keras.ops.maximum for instance"
        raise ConversionError(msg)
    rounded = target.quantize(found)
    unsure = np.zeros(len(found), np.bool_)
    for factor in (1 - _DOUBT, 1 + _DOUBT):
        unsure |= target.quantize(found * factor) != rounded
    # a value that float32 holds exactly is not in doubt
    unsure &= found.astype(np.float32) != found
    if unsure.any():
        msg = f"{call.where}: {kind} of {values[unsure][0]} is decided by the last bits of a float; quantise to another grid"
        raise ConversionError(msg)

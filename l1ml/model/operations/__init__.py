"""What an integer network is made of: each operation maps integer words to integer words exactly.

Every operation states the range after it (`bound`) and the largest partial sum inside it (`peak`), which together prove how wide
each accumulator is, and its plain values (`to_dict`), from which `operation_from` makes it again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from l1ml.errors import SchemaError
from l1ml.hardware import FixedPoint
from l1ml.model.operations.combination import Absolute, Add, Concatenate, Product, Square
from l1ml.model.operations.linear import Affine, Dense, Scale
from l1ml.model.operations.rounding import Quantise, Steps
from l1ml.model.operations.selection import ArgMax, Gather, Maximum
from l1ml.model.operations.stage import Stage, Words

__all__ = [
    "Absolute",
    "Add",
    "Affine",
    "ArgMax",
    "Concatenate",
    "Dense",
    "Gather",
    "Maximum",
    "Operation",
    "Product",
    "Quantise",
    "Scale",
    "Square",
    "Stage",
    "Steps",
    "Words",
    "operation_from",
]

Operation = (
    Absolute | Add | Affine | ArgMax | Concatenate | Dense | Gather | Maximum | Product | Quantise | Scale | Square | Steps
)

_KINDS: dict[str, type[Operation]] = {
    "absolute": Absolute,
    "add": Add,
    "affine": Affine,
    "argmax": ArgMax,
    "concatenate": Concatenate,
    "dense": Dense,
    "gather": Gather,
    "maximum": Maximum,
    "product": Product,
    "quantise": Quantise,
    "scale": Scale,
    "square": Square,
    "steps": Steps,
}


def operation_from(content: dict[str, Any]) -> Operation:
    """One operation from its plain values.

    Raises
    ------
    SchemaError
        If its kind is unknown.
    """
    values = {name: value for name, value in content.items() if name != "kind"}
    if content["kind"] not in _KINDS:
        msg = f"unknown operation {content['kind']!r}; this l1ml knows {', '.join(_KINDS)}"
        raise SchemaError(msg)
    return _KINDS[content["kind"]](**{name: _value(value) for name, value in values.items()})


def _value(value: Any) -> Any:
    """Lists are words, texts are formats."""
    if isinstance(value, list):
        return np.array(value, np.int64)
    return FixedPoint.parse(value) if isinstance(value, str) else value

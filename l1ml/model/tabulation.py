"""Functions that have no integer formula, as steps: QKeras is asked about every word that can arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.model.builder import NetworkBuilder
from l1ml.model.dyadic import dyadic_words
from l1ml.model.operations import Stage, Steps, Words

__all__ = ["reachable_values", "tabulate"]

_MOST_WORDS = 2**14
_MOST_STEPS = 511

Reference = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def tabulate(
    builder: NetworkBuilder, name: str, quantiser: Any, source: int, reference: Reference, *, label: str | None = None
) -> int:
    """Append the steps of `quantiser` over the proven range of stage `source`; the number of the stage after it.

    Parameters
    ----------
    builder, name, quantiser, source : NetworkBuilder, str, quantiser, int
        Where it goes, the layer's name, the QKeras object and what it reads.
    reference : callable
        The same function in float64, an independent opinion: a word on which it differs from QKeras lies so near to a rounding
        edge that float32 decides it, and another machine might decide otherwise.
    label : str, optional
        What it is, for messages; the class of the quantiser otherwise.

    Raises
    ------
    ConversionError
        If more than 16384 words can arrive, more than 511 steps result, or QKeras and `reference` differ.
    """
    stage = builder.stages[source]
    kind = f"layer {name!r}: {label or type(quantiser).__name__}"
    words, values = reachable_values(stage, kind)
    found = np.asarray(quantiser(values.astype(np.float32)[:, None]), np.float64)[:, 0]
    wrong = found != reference(values)
    if wrong.any():
        msg = f"{kind} of {values[wrong][0]} is decided by the last bit of a float; quantise its input to another grid"
        raise ConversionError(msg)
    levels, fractional = dyadic_words(found, f"layer {name!r}")
    edges = np.flatnonzero(np.diff(levels)) + 1
    if len(edges) > _MOST_STEPS:
        msg = f"{kind} has {len(edges)} steps, more than {_MOST_STEPS}; use fewer bits"
        raise ConversionError(msg)
    steps = Steps(words[edges], stage.fractional, levels[np.concatenate([[0], edges])], fractional)
    return builder.add(name, steps, source)


def reachable_values(stage: Stage, kind: str) -> tuple[Words, NDArray[np.float64]]:
    """Every word between the ends of `stage`, rising, and the value of each; `kind` says for what, in the message.

    Raises
    ------
    ConversionError
        If there are more than 16384, before any of them is written down.
    """
    low, high = int(stage.low.min()), int(stage.high.max())
    if high - low >= _MOST_WORDS:
        msg = (
            f"{kind} of {high - low + 1} different words; put a quantized_bits of at most 14 bits before it, or use the hard form"
        )
        raise ConversionError(msg)
    words = np.arange(low, high + 1)
    return words, words.astype(np.float64) * 2.0**-stage.fractional

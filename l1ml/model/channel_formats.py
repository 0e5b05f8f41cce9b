"""A number format for each channel as integer operations: channels of one format are gathered, rounded, and put back.

Every back end has the operations that this is made of, and the gathering is wires; so each of them stays exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.builder import NetworkBuilder
from l1ml.model.dyadic import refuse
from l1ml.model.operations import Concatenate, Gather, Quantise

__all__ = ["add_channel_formats"]


def add_channel_formats(builder: NetworkBuilder, name: str, quantiser: Any, source: int) -> int:
    """Append the `ChannelQuantiser` of the layer `name` to stage `source`; the number of the stage after it.

    Raises
    ------
    ConversionError
        If the words of the stage are no whole number of rows of its channels.
    """
    formats = np.array([quantiser.integer, quantiser.fractional], np.int64).T
    n_words = builder.size(source)
    if n_words % len(formats):
        where, what = f"layer {name!r}", f"a quantiser of {len(formats)} channels on {n_words} words"
        raise refuse(where, what, "as many formats as the last axis has channels")
    rows = np.tile(formats, (n_words // len(formats), 1))
    kinds = [tuple(kind) for kind in np.unique(rows[rows.sum(axis=1) > 0], axis=0).tolist()]
    places = [np.flatnonzero((rows == kind).all(axis=1)) for kind in kinds]
    if len(places) == 1 and len(places[0]) == n_words:
        return builder.add(name, _operation(quantiser, *kinds[0]), source)
    parts = [
        builder.add(name, _operation(quantiser, *kind), builder.add(name, Gather(words), source))
        for kind, words in zip(kinds, places, strict=True)
    ]
    if not parts:
        return builder.add(name, Gather(np.full(n_words, -1, np.int64)), source)
    joined = parts[0] if len(parts) == 1 else builder.add(name, Concatenate(), *parts)
    return builder.add(name, Gather(_back(places, n_words)), joined)


def _operation(quantiser: Any, integer: int, fractional: int) -> Quantise:
    rounding = Rounding.RND_CONV if quantiser.rounding == "even" else Rounding.TRN
    return Quantise(FixedPoint.from_kif(int(quantiser.signed), integer, fractional, rounding, Overflow.SAT))


def _back(places: list[NDArray[np.int64]], n_words: int) -> NDArray[np.int64]:
    """Where each of `n_words` words is once those at `places` stand one after the other; -1, which is zero, where it is not."""
    index = np.full(n_words, -1, np.int64)
    index[np.concatenate(places)] = np.arange(sum(map(len, places)))
    return index

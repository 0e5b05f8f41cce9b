"""A table for each channel as integer operations: channels of one table are gathered, looked up, and put back.

Every back end has the operations that this is made of, and the gathering is wires; so each of them stays exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.model.builder import NetworkBuilder
from l1ml.model.dyadic import dyadic_words, refuse
from l1ml.model.operations import Concatenate, Gather, Steps

__all__ = ["add_channel_tables"]


def add_channel_tables(builder: NetworkBuilder, name: str, activation: Any, source: int) -> int:
    """Append the `ChannelTable` of the layer `name` to stage `source`; the number of the stage after it.

    Raises
    ------
    ConversionError
        If the words are no whole numbers, or no whole number of rows of its channels.
    """
    tables, n_words, where = np.asarray(activation.tables), builder.size(source), f"layer {name!r}"
    if n_words % len(tables):
        raise refuse(where, f"{len(tables)} tables on {n_words} words", "as many tables as the last axis has channels, or one")
    if builder.stages[source].fractional > 0:
        raise refuse(where, "a table of words with bits behind the point", "a Rescaling and a QActivation to whole numbers")
    kinds, kind = np.unique(tables, axis=0, return_inverse=True)
    places = [np.flatnonzero(np.tile(kind, n_words // len(tables)) == index) for index in range(len(kinds))]
    steps = [_steps(table, where) for table in kinds]
    if len(steps) == 1:
        return builder.add(name, steps[0], source)
    parts = [builder.add(name, step, builder.add(name, Gather(words), source)) for step, words in zip(steps, places, strict=True)]
    return builder.add(name, Gather(np.argsort(np.concatenate(places))), builder.add(name, Concatenate(), *parts))


def _steps(table: NDArray[np.float64], where: str) -> Steps:
    levels, fractional = dyadic_words(table, where)
    edges = np.flatnonzero(np.diff(levels)) + 1
    return Steps(edges, 0, levels[np.concatenate([[0], edges])], fractional)

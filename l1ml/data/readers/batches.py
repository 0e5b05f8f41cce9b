"""Batches of events from arrays: real quantities, classes, and the row number where a file has no event number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Collections, Events
from l1ml.data.schema import EventSchema
from l1ml.errors import DataError, SchemaError

__all__ = ["as_reals", "class_of_rows", "numbered", "padded", "quantity_names"]

_NAME = re.compile(r"(?!hw_|valid$)[\w.+-]+")


def as_reals(values: NDArray[Any], where: str, start: int, *, exact: bool = False) -> NDArray[np.float32]:
    """`values` as float32.

    Parameters
    ----------
    values : ndarray of numbers, shape (n, ...)
        As the file holds them.
    where : str
        File and array, for messages.
    start : int
        Row of the file of the first value.
    exact : bool
        Whether to refuse values that float32 cannot hold; otherwise they are rounded.

    Raises
    ------
    DataError
        If a value is NaN, infinite or beyond float32, or would be rounded though `exact`.
    """
    with np.errstate(over="ignore"):
        reals = values.astype(np.float32, copy=False)
    wrong = ~np.isfinite(reals)
    if wrong.any():
        msg = f"{where}, row {start + int(np.argwhere(wrong)[0][0])}: NaN, infinite or too large for float32"
        raise DataError(msg)
    if exact and values.dtype != reals.dtype and (reals != values).any():
        place = tuple(np.argwhere(reals != values)[0])
        msg = (
            f"{where}, row {start + int(place[0])}: {values[place]!r} is {values.dtype} and events keep float32, which would "
            f"make it {reals[place]!r}; pass rounded=True to accept a relative change of at most 6e-8"
        )
        raise DataError(msg)
    return reals


def numbered(
    schema: EventSchema,
    collections: Collections,
    start: int,
    n: int,
    *,
    masks: Mapping[str, NDArray[np.bool_]] | None = None,
    process: NDArray[np.int64] | None = None,
    processes: Sequence[str] = (),
) -> Events:
    """Events of weight one whose identity is their row in the file, the first of them `start`."""
    rows = np.arange(start, start + n, dtype=np.uint64)
    crossing = {} if process is None else {"process": process}
    return Events(schema, collections, np.ones(n), rows, rows, {}, masks or {}, crossing, tuple(processes))


def class_of_rows(labels: NDArray[Any], n_classes: int, where: str, start: int) -> NDArray[np.int64]:
    """Class of each row, from one-hot columns, shape (n, n_classes), or from class numbers, shape (n,) or (n, 1).

    Raises
    ------
    DataError
        If a row has no class, several, or one that does not exist.
    """
    flat = labels.reshape(len(labels), -1)
    if flat.shape[1] == 1:
        index = np.where(np.isfinite(flat[:, 0]), flat[:, 0], -1).clip(-1, n_classes).astype(np.int64)
        known = (index == flat[:, 0]) & (index >= 0) & (index < n_classes)
    else:
        known = ((flat == 0) | (flat == 1)).all(axis=1) & ((flat != 0).sum(axis=1) == 1)
        index = np.argmax(flat, axis=1).astype(np.int64)
    if not known.all():
        row = int(np.argmin(known))
        msg = f"{where}, row {start + row}: {flat[row].tolist()} is not one of the {n_classes} classes"
        raise DataError(msg)
    return index


def quantity_names(names: Sequence[str] | None, width: int, stem: str, where: str) -> tuple[str, ...]:
    """`names` of `width` columns, checked; ``<stem>_0`` and on where there are none.

    Raises
    ------
    SchemaError
        If there are not as many names as columns, two are equal, or one cannot be the name of a column.
    """
    chosen = tuple(f"{stem}_{index}" for index in range(width)) if names is None else tuple(names)
    if len(chosen) != width or len(set(chosen)) != width:
        msg = f"{where} has {width} columns, received {len(set(chosen))} different names: {', '.join(chosen)}"
        raise SchemaError(msg)
    for name in chosen:
        if not _NAME.fullmatch(name):
            msg = f"{where}: {name!r} cannot name a column: letters, digits, _ . + -, not 'valid' or hw_..."
            raise SchemaError(msg)
    return chosen


def padded(counts: NDArray[np.int64], values: NDArray[Any], slots: int, dtype: type[np.generic]) -> NDArray[Any]:
    """`values` of all events one after the other as rows of `slots`, the first `counts` of each filled and zeros behind.

    Examples
    --------
    >>> padded(np.array([2, 1]), np.array([5, 6, 7]), 3, np.int32)
    array([[5, 6, 0],
           [7, 0, 0]], dtype=int32)
    """
    table = np.zeros((len(counts), slots), dtype)
    table[np.arange(slots) < counts[:, None]] = values
    return table

"""What makes a crossing of two files the same one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["IDENTITIES", "Key", "common_identities", "described", "is_increasing", "keys_of"]

IDENTITIES: tuple[tuple[str, ...], ...] = (
    ("run", "luminosity_block", "event"),
    ("run", "event"),
    ("run", "orbit", "bx"),
    ("luminosity_block", "event"),
    ("event",),
    ("orbit", "bx"),
    ("bx",),
)
"""Columns that may identify a crossing, best first; they do only where no two crossings of a file agree in all of them."""

_ORDER = ("run", "luminosity_block", "orbit", "bx", "event")

Key = NDArray[np.bytes_]
"""Identities as bytes that compare as the numbers do, shape (n,)."""


def common_identities(first: Iterable[str], second: Iterable[str]) -> list[tuple[str, ...]]:
    """Those of `IDENTITIES` that both files have the columns of.

    Examples
    --------
    >>> common_identities(["run", "orbit", "bx"], ["orbit", "bx", "event"])
    [('orbit', 'bx'), ('bx',)]
    """
    both = set(first) & set(second)
    return [names for names in IDENTITIES if both.issuperset(names)]


def keys_of(columns: Mapping[str, NDArray[np.int64]], names: tuple[str, ...]) -> Key:
    """Keys of the crossings with these `columns`, which are not negative.

    Examples
    --------
    >>> keys = keys_of({"orbit": np.array([1, 0, 1]), "bx": np.array([5, 3000, 7])}, ("orbit", "bx"))
    >>> np.argsort(keys), bool(keys[0] == keys[2])
    (array([1, 0, 2]), False)
    """
    words = np.stack([np.asarray(columns[name]).astype(">u8") for name in names], axis=1)
    return np.ascontiguousarray(words).view(f"S{8 * len(names)}")[:, 0]


def is_increasing(keys: Key) -> bool:
    """Whether each key is beyond the one before."""
    return bool((keys[1:] > keys[:-1]).all())


def described(columns: Mapping[str, NDArray[np.int64]], row: int) -> str:
    """Identity of one crossing in words.

    Examples
    --------
    >>> described({"run": np.array([320040]), "luminosity_block": np.array([3]), "bx": np.array([24])}, 0)
    'run 320040, luminosity block 3, bx 24'
    """
    ordered = [name for name in _ORDER if name in columns]
    return ", ".join(f"{name.replace('_', ' ')} {int(columns[name][row])}" for name in ordered)

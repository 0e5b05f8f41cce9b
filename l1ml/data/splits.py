"""Splits that depend on what a crossing is, never on where it stands in a file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError
from l1ml.storage import digest_of

__all__ = ["mixed", "split_of"]

_BINS = 2**20


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): neighbouring numbers become unrelated ones, one to one."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def split_of(group: NDArray[np.uint64], fractions: Sequence[float], *, salt: str = "") -> NDArray[np.int8]:
    """Index of the part that each crossing belongs to.

    Parameters
    ----------
    group : ndarray of uint64, shape (n,)
        Identity of the hard collision; its copies stay together.
    fractions : sequence of float
        Share of each part; must add up to one.
    salt : str
        Splits with different salts are independent: a split within what another one left must have a salt of its own.

    Returns
    -------
    ndarray of int8, shape (n,)
        0 for the first part, 1 for the second, and so on.

    Raises
    ------
    ConfigError
        If the fractions are not positive or do not add up to one.
    """
    edges = np.cumsum(np.asarray(fractions, dtype=np.float64))
    if min(fractions) <= 0 or not np.isclose(edges[-1], 1.0):
        msg = f"split fractions must be positive and add up to 1, received {list(fractions)}"
        raise ConfigError(msg)
    salted = mixed(group) ^ np.uint64(int(digest_of(salt.encode())[:16], 16)) if salt else group
    position = (mixed(salted) % np.uint64(_BINS)).astype(np.float64) / _BINS
    return np.searchsorted(edges[:-1], position, side="right").astype(np.int8)

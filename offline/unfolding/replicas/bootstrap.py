"""Poisson bootstraps that depend on what an event is, never on where it stands or on what was drawn before."""

from __future__ import annotations

import hashlib
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from l1ml.data.splits import mixed
from offline.unfolding.sample import FloatArray, IdentityArray, Measured, Simulation

__all__ = ["bootstrapped", "poisson_counts", "seed_of"]

S = TypeVar("S", Measured, Simulation)


def _poisson_cdf() -> FloatArray:
    """Chances that a Poisson number of mean one is at most 0, 1, ..., up to where doubles end."""
    chances = np.cumprod(np.concatenate([[np.exp(-1.0)], 1.0 / np.arange(1, 19)]))
    return np.cumsum(chances)


_CDF = _poisson_cdf()


def seed_of(seed: int, kind: str, index: int) -> int:
    """Number of 64 bits that belongs to the replica `index` of a `kind` under the root `seed`, unrelated to all others."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{kind}/{index}".encode()).digest()[:8], "little")


def poisson_counts(event: IdentityArray, *, kind: str, index: int, seed: int) -> NDArray[np.int64]:
    """How often each event counts in a bootstrap: a Poisson number of mean one.

    The number follows by the inverse distribution function from a hash of seed, kind, index and event: rows of the same event
    get the same number, in any order and in any file, and a replica can be drawn without those before it.

    Parameters
    ----------
    event : ndarray of uint64, shape (n,)
        Identity of each event.
    kind : str
        ``data`` or ``mc``: two samples that share identities are still drawn independently.
    index : int
        Number of the replica.
    seed : int
        Root of all replicas.

    Returns
    -------
    ndarray of int64, shape (n,)
        Counts.
    """
    salt = np.uint64(seed_of(seed, kind, index))
    uniform = (mixed(mixed(event) ^ salt) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return np.searchsorted(_CDF, uniform, side="right")


def bootstrapped(sample: S, kind: str, index: int, seed: int) -> S:
    """`sample` with every weight times its Poisson number; all rows are kept, those that count zero times with the weight zero.

    Raises
    ------
    DataError
        If no weight is left.
    """
    return sample.reweighted(sample.weight * poisson_counts(sample.event, kind=kind, index=index, seed=seed))

"""The crossings of a decision file that have the identities of others: read along in order, or looked up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.monitoring.crossing_key import Key, keys_of
from l1ml.trigger.monitoring.decision_source import DecisionSource
from l1ml.trigger.monitoring.recorded_bits import RecordedBatch

__all__ = ["Along", "Index", "Partners"]


@dataclass(frozen=True, eq=False, slots=True)
class Partners:
    """Which of a batch of keys have a partner, and who it is.

    Parameters
    ----------
    rows : ndarray of int64, shape (m,)
        Places of the keys that have one.
    places : ndarray of int64, shape (m,)
        Rows of the partners in their file.
    batch : RecordedBatch
        The partners, m crossings.
    """

    rows: NDArray[np.int64]
    places: NDArray[np.int64]
    batch: RecordedBatch


class Along:
    """A decision file in the order of its identities, read along with another; memory holds one batch of it.

    Parameters
    ----------
    file : DecisionSource
        The file, of one crossing or more.
    names : tuple of str
        What identifies a crossing.
    """

    def __init__(self, file: DecisionSource, names: tuple[str, ...]) -> None:
        self._names = names
        self._batches = file.iterate()
        self._start, self._n, self._at_end = 0, 0, False
        self._advance()

    def partners(self, keys: Key) -> Partners:
        """Partners of `keys`, which increase from call to call."""
        rows, places, parts = [], [], []
        while True:
            found, inside = _found(self._keys, keys)
            rows.append(found)
            places.append(inside + self._start)
            parts.append(self._present.select(inside))
            if self._at_end or not len(keys) or self._keys[-1] > keys[-1] or not self._advance():
                return Partners(np.concatenate(rows), np.concatenate(places), RecordedBatch.concatenate(parts))

    def _advance(self) -> bool:
        present = next(self._batches, None)
        if present is None:
            self._at_end = True
            return False
        self._start, self._n = self._start + self._n, present.n
        self._present = present
        self._keys = keys_of(present.identity, self._names)
        return True


class Index:
    """A decision file by the identity of its crossings.

    Parameters
    ----------
    file : DecisionSource
        The file, of one crossing or more.
    keys : Key
        Identities of all its crossings, each once.
    """

    def __init__(self, file: DecisionSource, keys: Key) -> None:
        self._file = file
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    def partners(self, keys: Key) -> Partners:
        """Partners of `keys`."""
        rows, inside = _found(self._keys, keys)
        places = self._order[inside]
        return Partners(rows, places, self._file.take(places))


def _found(ordered: Key, keys: Key) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of `keys` that are in `ordered`, which is not empty, and where they are there."""
    where = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    rows = np.flatnonzero(ordered[where] == keys)
    return rows, where[rows]

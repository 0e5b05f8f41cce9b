"""What is watched for drift: words of objects, how many there are, scores, seeds, and where in the orbit anything fires.

Bins are fixed by the kind of word, not by the data: two files have the same ones, and neither chose them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.ugt_vectors import N_CROSSINGS
from l1ml.trigger.conditions.columns import COLLECTIONS, Columns
from l1ml.trigger.monitoring.pairing import PairedBatch

__all__ = ["Quantity", "entries_of", "quantities_of"]

_LISTS = ("muon", "egamma", "tau", "jet")
_MOST_OBJECTS = 12
_OBJECTS, _FIRINGS = "bx of objects", "bx of firings"
"""Every object and every set bit at its place in the orbit."""

_SHARP_OCTAVES = 3
_STEPS = 4
_PT, _COUNT, _SCORE = 16, 16, 44
"""Octaves of each kind of word."""

_WATCHED_BITS: Mapping[str, int] = {"pt": 16, "eta": 9, "phi": 10}
"""Fields whose bits are counted one by one: a stuck one moves few words, and none of a histogram with wide bins."""


@dataclass(frozen=True, eq=False, slots=True)
class Quantity:
    """One distribution, or one rate where there is a single bin.

    Parameters
    ----------
    kind : str
        "object", "bits" (which bits of a word are set), "number", "score", "seed" or "crossing".
    name : str
        Such as "jet pt".
    edges : ndarray of int64, shape (n_bins,)
        First word of each bin; the last bin has no end and the first one no beginning.
    """

    kind: str
    name: str
    edges: NDArray[np.int64]

    @property
    def values(self) -> NDArray[np.float64] | None:
        """What each bin counts for in a mean; None of angles, codes, bits and rates, which have none that says anything.

        The root of momenta and scores: their tails would have all the weight.
        """
        field = self.name.split(" ")[-1]
        if self.kind == "number" or (self.kind == "object" and field == "eta"):
            return self.edges.astype(np.float64)
        if self.kind == "score" or (self.kind == "object" and field in {"pt", "unconstrained_pt", "count"}):
            centre = (self.edges + np.append(self.edges[1:], 2 * self.edges[-1] - self.edges[-2]) - 1) / 2
            return np.asarray(np.sign(centre) * np.sqrt(np.abs(centre)), np.float64)
        return None

    def bins(self, words: NDArray[Any]) -> NDArray[np.int64]:
        """Bin of each word."""
        return np.maximum(np.searchsorted(self.edges, words, side="right") - 1, 0)


def quantities_of(pair: PairedBatch, seeds: tuple[str, ...], level: str) -> list[Quantity]:
    """Everything that a batch like `pair` has; `seeds` names the columns of its recorded bits of `level`, empty for none."""
    found = [*_objects(pair.recorded.columns)]
    found += [Quantity("score", name, _octaves(_SCORE, signed=True)) for name in _scores(pair)]
    if "bx" in pair.recorded.identity:
        things = [*([_OBJECTS] if pair.recorded.columns is not None else []), *([_FIRINGS] if level else [])]
        found += [Quantity("crossing", name, np.arange(N_CROSSINGS)) for name in things]
    return found + [Quantity("seed", name, np.zeros(1, np.int64)) for name in seeds]


def entries_of(
    pair: PairedBatch, quantities: list[Quantity], level: str
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """For each quantity the crossing, counted in the batch, and the bin of each entry; seeds are read from bits of `level`."""
    recorded = pair.recorded
    bits = recorded.bits[level] if level else np.zeros((recorded.n, 0), np.bool_)
    scores = _scores(pair)
    seed = 0
    for item in quantities:
        if item.kind == "seed":
            rows = np.flatnonzero(bits[:, seed])
            seed += 1
            yield rows, np.zeros_like(rows)
        elif item.kind == "crossing":
            rows = np.nonzero(bits)[0] if item.name == _FIRINGS else _rows_of_objects(recorded.columns)
            yield rows, item.bins(recorded.identity["bx"][rows])
        elif item.kind == "score":
            rows, words = scores[item.name]
            yield np.repeat(rows, words.size // max(1, len(rows))), item.bins(words.ravel())
        elif recorded.columns is not None:
            yield _object_entries(recorded.columns, item)


def _scores(pair: PairedBatch) -> dict[str, tuple[NDArray[np.int64], NDArray[Any]]]:
    """Rows and words of each network: of the emulation, and of the recorded file if it has any."""
    own = {name: (np.arange(pair.recorded.n), words) for name, words in pair.recorded.scores.items()}
    return own | {name: (pair.rows, words) for name, words in pair.emulated.scores.items()}


def _objects(columns: Columns | None) -> Iterator[Quantity]:
    if columns is None:
        return
    for collection in dict.fromkeys(COLLECTIONS.values()):
        edges = _edges(collection)
        for name in columns.objects.get(collection, {}):
            if name in edges:
                yield Quantity("object", f"{collection} {name}", edges[name])
            if name in _WATCHED_BITS:
                yield Quantity("bits", f"{collection} {name} bits", np.arange(_WATCHED_BITS[name]))
        if collection in _LISTS and columns.has(collection, "pt"):
            yield Quantity("number", f"{collection} number", np.arange(_MOST_OBJECTS + 1))
    if columns.has("towercount", "count"):
        yield Quantity("object", "towercount count", _octaves(_COUNT))


def _edges(collection: str) -> Mapping[str, NDArray[np.int64]]:
    """Bins by field: of muons the angles are four times as fine."""
    fine = 4 if collection == "muon" else 1
    return {
        "pt": _octaves(_PT),
        "unconstrained_pt": _octaves(_PT),
        "eta": np.arange(-256, 256, 4),
        "phi": np.arange(0, 144 * fine, 4 * fine),
        **{name: np.arange(16) for name in ("quality", "isolation", "charge", "impact", "displaced")},
    }


def _object_entries(columns: Columns, item: Quantity) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    collection, name = item.name.split(" ")[:2]
    if item.kind == "number":
        count = (columns.field(collection, "pt") != 0).sum(axis=0)
        return np.arange(columns.n), item.bins(count)
    words = columns.field(collection, name).T
    valid = columns.field(collection, "pt").T != 0 if collection in _LISTS and columns.has(collection, "pt") else None
    rows = np.nonzero(np.ones(words.shape, np.bool_) if valid is None else valid)[0]
    found = words.ravel() if valid is None else words[valid]
    return _set_bits(rows, found, item.edges) if item.kind == "bits" else (rows, item.bins(found))


def _rows_of_objects(columns: Columns | None) -> NDArray[np.int64]:
    """Crossing of every object that comes in lists."""
    there = [] if columns is None else [columns.field(name, "pt").T != 0 for name in _LISTS if columns.has(name, "pt")]
    return np.concatenate([np.zeros(0, np.int64), *(np.nonzero(mask)[0] for mask in there)])


def _set_bits(
    rows: NDArray[np.int64], words: NDArray[Any], bits: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Crossing and number of each bit that is set, of negative words in two's complement."""
    having = [rows[(words >> bit & 1) != 0] for bit in bits.tolist()]
    return np.concatenate(having), np.repeat(bits, [len(found) for found in having])


def _octaves(n: int, *, signed: bool = False) -> NDArray[np.int64]:
    """Each word below 8, then four bins for each power of two."""
    steps = [2**octave * (_STEPS + step) // _STEPS for octave in range(_SHARP_OCTAVES, n) for step in range(_STEPS)]
    edges = np.array([*range(2**_SHARP_OCTAVES), *steps], dtype=np.int64)
    return np.concatenate([1 - edges[:0:-1], edges]) if signed else edges

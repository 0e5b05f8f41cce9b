"""Drift of everything that is watched, between a run and a reference, with one probability of a false alarm for all of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.trigger.monitoring.block_sums import BlockSums, coarsened
from l1ml.trigger.monitoring.observables import Quantity, entries_of, quantities_of
from l1ml.trigger.monitoring.pairing import PairedBatch
from l1ml.trigger.monitoring.permutation import FEWEST_BLOCKS, Tested, merged_columns, permutation_test

__all__ = ["LARGEST_RATIO", "Drift", "DriftSample", "QuantityDrift", "drift_of"]

LARGEST_RATIO = 16
"""How many times the crossings of the smaller file the larger one may have: more brings nothing, and too few blocks remain."""

_SEED = 20261123


@dataclass(frozen=True, eq=False, slots=True)
class QuantityDrift:
    """One quantity of both samples.

    Parameters
    ----------
    kind, name : str
        See `l1ml.trigger.monitoring.observables.Quantity`; or "mean".
    statistic, p_value, adjusted : float
        Sum of squared differences over their variances; its p-value alone, and in the family.
    degrees : int
        Bins.
    edges : tuple of int
        First word of each bin that is filled, and the one behind the last.
    run, run_error, reference, reference_error : tuple of float
        Entries per crossing in each bin, and their errors from the spread between blocks. Of a mean: how far the entries of a
        crossing are from that of both samples, summed.
    """

    kind: str
    name: str
    statistic: float
    p_value: float
    adjusted: float
    degrees: int
    edges: tuple[int, ...]
    run: tuple[float, ...]
    run_error: tuple[float, ...]
    reference: tuple[float, ...]
    reference_error: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, eq=False, slots=True)
class Drift:
    """What `drift_of` found.

    Parameters
    ----------
    quantities : tuple of QuantityDrift
        Smallest p-value first.
    run_crossings, reference_crossings : int
        Crossings that were compared.
    block : int
        Crossings of a block.
    n_permutations : int
        Behind the p-values.
    """

    quantities: tuple[QuantityDrift, ...]
    run_crossings: int
    reference_crossings: int
    block: int
    n_permutations: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        keys = ("run_crossings", "reference_crossings", "block", "n_permutations")
        return {**{key: getattr(self, key) for key in keys}, "quantities": [item.to_dict() for item in self.quantities]}


class DriftSample:
    """Histograms of everything that is watched, block by block, of one file.

    Parameters
    ----------
    seeds : tuple of str
        Columns of the recorded bits.
    level : str
        Which bits are counted; none if empty.
    most : int, optional
        Crossings after which no more are taken.
    """

    def __init__(self, seeds: tuple[str, ...], level: str, most: int | None = None) -> None:
        self._seeds, self.level, self._most = seeds, level, most
        self.quantities: list[Quantity] = []
        self._starts: NDArray[np.int64] = np.zeros(0, np.int64)
        self.sums = BlockSums(0)
        self.entries: NDArray[np.int64] = np.zeros(0, np.int64)

    @property
    def is_full(self) -> bool:
        """Whether there are crossings enough."""
        return self._most is not None and self.sums.n >= self._most

    def add(self, pair: PairedBatch) -> None:
        """Fill in the crossings of one batch."""
        if not self.quantities:
            self._begin(pair)
        rows, columns = [], []
        found = entries_of(pair, self.quantities, self.level)
        for start, (row, place) in zip(self._starts, found, strict=True):
            rows.append(row)
            columns.append(place + start)
        row, column = np.concatenate(rows), np.concatenate(columns)
        weight = np.ones(len(row)) if pair.recorded.weight is None else pair.recorded.weight[row]
        self.sums.add(row, column, weight, pair.recorded.n)
        self.entries += np.bincount(column, minlength=len(self.entries))

    def columns_of(self, names: list[tuple[str, str]]) -> NDArray[np.int64]:
        """Columns of the quantities with these kinds and names."""
        places = {(item.kind, item.name): place for place, item in enumerate(self.quantities)}
        spans = [(self._starts[places[name]], len(self.quantities[places[name]].edges)) for name in names]
        return np.concatenate([np.arange(start, start + n) for start, n in spans])

    def _begin(self, pair: PairedBatch) -> None:
        self.quantities = quantities_of(pair, self._seeds, self.level)
        lengths = [len(item.edges) for item in self.quantities]
        self._starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
        self.sums = BlockSums(sum(lengths))
        self.entries = np.zeros(sum(lengths), np.int64)


def drift_of(run: DriftSample, reference: DriftSample, n_permutations: int = 4999) -> Drift:
    """Test what both samples have; the permutations are the same for the same files.

    Raises
    ------
    DataError
        If they have nothing in common, too few crossings, or one has too many times those of the other.
    """
    known = {(item.kind, item.name): item for item in reference.quantities}
    common = [item for item in run.quantities if (item.kind, item.name) in known]
    if not common:
        msg = "the run and the reference have nothing in common that could drift: no objects, scores or seeds"
        raise DataError(msg)
    size = max(run.sums.size, reference.sums.size)
    names = [(item.kind, item.name) for item in common]
    samples = [
        coarsened(sample.sums.whole(), size // sample.sums.size)[:, sample.columns_of(names)] for sample in (run, reference)
    ]
    if min(map(len, samples)) < FEWEST_BLOCKS:
        msg = (
            f"drift cannot be told from {run.sums.n:,} crossings and {reference.sums.n:,} of the reference: each needs "
            f"{FEWEST_BLOCKS} blocks of {size:,}; the larger file may have {LARGEST_RATIO} times the crossings of the smaller one"
        )
        raise DataError(msg)
    entries = run.entries[run.columns_of(names)] + reference.entries[reference.columns_of(names)]
    return _compared(common, samples, entries.astype(np.float64), size, n_permutations)


def _compared(
    common: list[Quantity], samples: list[NDArray[np.float64]], entries: NDArray[np.float64], size: int, n_permutations: int
) -> Drift:
    """Join bins, test, and keep the distributions."""
    ends = np.cumsum([len(item.edges) for item in common]).tolist()
    parts = []
    for item, begin, end in zip(common, [0, *ends[:-1]], ends, strict=True):
        first, second = (sample[:, begin:end] for sample in samples)
        parts.append(_joined(item, first, second, entries[begin:end]))
        parts += _means(item, first, second)
    starts = np.cumsum([0, *(part.first.shape[1] for part in parts[:-1])])
    both = [np.concatenate([getattr(part, side) for part in parts], axis=1) for side in ("first", "second")]
    outcome = permutation_test(both[0], both[1], starts, np.random.default_rng(_SEED), n_permutations)
    found = [_outcome(part, outcome, place, size) for place, part in enumerate(parts)]
    found.sort(key=lambda item: (item.adjusted, item.p_value, -item.statistic / max(1, item.degrees)))
    return Drift(tuple(found), len(both[0]) * size, len(both[1]) * size, size, n_permutations)


@dataclass(frozen=True, eq=False, slots=True)
class _Part:
    """Columns of one quantity in the blocks of both samples."""

    kind: str
    name: str
    edges: tuple[int, ...]
    first: NDArray[np.float64]
    second: NDArray[np.float64]


def _joined(item: Quantity, first: NDArray[np.float64], second: NDArray[np.float64], entries: NDArray[np.float64]) -> _Part:
    """A distribution, bins with few entries joined."""
    firsts = merged_columns(entries)
    left, right = (np.add.reduceat(sample, firsts, axis=1) for sample in (first, second))
    ends = np.append(item.edges[1:], 2 * item.edges[-1] - item.edges[-2] if len(item.edges) > 1 else 1)
    used = np.flatnonzero(entries)
    edges = [*item.edges[firsts].tolist(), int(ends[used[-1] if len(used) else -1])]
    edges[0] = int(item.edges[used[0] if len(used) else 0])
    return _Part(item.kind, item.name, tuple(edges), left, right)


def _means(item: Quantity, first: NDArray[np.float64], second: NDArray[np.float64]) -> list[_Part]:
    """The mean of what has one: a shift of all words by little is in no single bin.

    In each block it is the sum of all differences to the mean of both samples: linear in the entries, as the test wants it.
    """
    values, total = item.values, first.sum(axis=0) + second.sum(axis=0)
    if values is None or not total.sum() > 0:
        return []
    away = values - (values @ total) / total.sum()
    return [_Part("mean", f"mean of {item.name}", (0, 1), (first @ away)[:, None], (second @ away)[:, None])]


def _outcome(part: _Part, outcome: Tested, place: int, size: int) -> QuantityDrift:
    columns = [tuple(column.tolist()) for sample in (part.first, part.second) for column in _mean(sample, size)]
    numbers = [float(column[place]) for column in (outcome.statistic, outcome.p_value, outcome.adjusted)]
    return QuantityDrift(
        part.kind,
        part.name,
        numbers[0],
        numbers[1],
        numbers[2],
        int(outcome.degrees[place]),
        part.edges,
        columns[0],
        columns[1],
        columns[2],
        columns[3],
    )


def _mean(sums: NDArray[np.float64], size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Entries per crossing and their errors."""
    return sums.mean(axis=0) / size, sums.std(axis=0, ddof=1) / (size * sqrt(len(sums)))

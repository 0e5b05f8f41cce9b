"""Crossings of two files that are the same one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.trigger.monitoring.crossing_key import IDENTITIES, Key, common_identities, described, is_increasing, keys_of
from l1ml.trigger.monitoring.decision_source import DecisionSource
from l1ml.trigger.monitoring.partners import Along, Index, Partners
from l1ml.trigger.monitoring.recorded_bits import BitSource, RecordedBatch

__all__ = ["PairedBatch", "Pairing"]

_SHOWN = 5


@dataclass(frozen=True, eq=False, slots=True)
class PairedBatch:
    """A batch of recorded crossings and the emulation of those that have one.

    Parameters
    ----------
    recorded : RecordedBatch
        All crossings of the batch, also those without a partner.
    rows : ndarray of int64, shape (m,)
        Those of them that have one.
    emulated : RecordedBatch
        Their partners, m crossings.
    """

    recorded: RecordedBatch
    rows: NDArray[np.int64]
    emulated: RecordedBatch


@dataclass(slots=True)
class Pairing:
    """Pairs of a recorded file and a decision file; iterate it once.

    Crossings are matched by the best identity that both files have. A file in the order of its identities is read along the
    other one, batch by batch; otherwise the identities of the decision file are held in memory (8 bytes for each number of
    them and crossing). One byte for each crossing of the decision file is held in any case.

    Parameters
    ----------
    recorded : BitSource
        The recorded crossings.
    emulated : DecisionSource
        Their emulation.

    Raises
    ------
    DataError
        If nothing identifies a crossing in both files and they differ in length or in what they both know; if a crossing stands
        twice in the recorded file.
    """

    recorded: BitSource
    emulated: DecisionSource
    n_recorded: int = 0
    n_both: int = 0
    first_unmatched: list[str] = field(default_factory=list)
    names: tuple[str, ...] | None = None
    _in_order: bool = True
    _taken: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    def __post_init__(self) -> None:
        self._taken = np.zeros(self.emulated.n, np.bool_)
        for names in common_identities(self.recorded.identity, self.emulated.identity):
            unique, self._in_order = self._looked_at(names)
            if unique:
                self.names = names
                return
        self._check_position()

    @property
    def n_only_recorded(self) -> int:
        """Crossings that only the recorded file has."""
        return self.n_recorded - self.n_both

    @property
    def n_only_emulated(self) -> int:
        """Crossings that only the decision file has."""
        return self.emulated.n - self.n_both

    @property
    def matched_by(self) -> str:
        """How crossings were matched, in words."""
        if self.names is None:
            return "their place in the file, as no number identifies a crossing in both files"
        return ", ".join(name.replace("_", " ") for name in self.names)

    def __iter__(self) -> Iterator[PairedBatch]:
        pairs = self._by_place() if self.names is None else self._by_key(self.names)
        for pair in pairs:
            self.n_recorded += pair.recorded.n
            self.n_both += len(pair.rows)
            self._note_unmatched(pair)
            yield pair

    def _note_unmatched(self, pair: PairedBatch) -> None:
        if len(self.first_unmatched) < _SHOWN and len(pair.rows) < pair.recorded.n:
            missing = np.setdiff1d(np.arange(pair.recorded.n), pair.rows)[: _SHOWN - len(self.first_unmatched)]
            self.first_unmatched += [described(pair.recorded.identity, int(row)) for row in missing]

    def _looked_at(self, names: tuple[str, ...]) -> tuple[bool, bool]:
        """Whether `names` identify the crossings of the decision file, and whether these are in their order."""
        last: Key = np.zeros(0, "S8")
        for columns in self.emulated.identities():
            keys = keys_of(columns, names)
            if not is_increasing(np.concatenate([last, keys])):
                return len(np.unique(self._all_keys(names))) == self.emulated.n, False
            last = keys[-1:]
        return True, True

    def _all_keys(self, names: tuple[str, ...]) -> Key:
        return np.concatenate([keys_of(columns, names) for columns in self.emulated.identities()])

    def _by_key(self, names: tuple[str, ...]) -> Iterator[PairedBatch]:
        finder: Along | Index = Along(self.emulated, names) if self._in_order else Index(self.emulated, self._all_keys(names))
        last: Key = np.zeros(0, "S8")
        for batch in self.recorded.iterate():
            keys = keys_of(batch.identity, names)
            if isinstance(finder, Along) and not is_increasing(np.concatenate([last, keys])):
                finder = Index(self.emulated, self._all_keys(names))
            last = keys[-1:]
            found = finder.partners(keys)
            self._take(batch, found)
            yield PairedBatch(batch, found.rows, found.batch)

    def _take(self, batch: RecordedBatch, found: Partners) -> None:
        """Each crossing of the decision file once."""
        _, firsts = np.unique(found.places, return_index=True)
        again = self._taken[found.places]
        again[np.setdiff1d(np.arange(len(again)), firsts)] = True
        if again.any():
            row = int(found.rows[np.flatnonzero(again)[0]])
            msg = f"{self.recorded.name} holds a crossing twice: {described(batch.identity, row)}"
            raise DataError(msg)
        self._taken[found.places] = True

    def _check_position(self) -> None:
        """Refuse to go by the place in the file where a file knows better."""
        if set(self.recorded.identity) & set(self.emulated.identity):
            return
        known = {source.name: source.identity for source in (self.recorded, self.emulated)}
        if any(set(names) <= set(columns) for columns in known.values() for names in IDENTITIES):
            have = "; ".join(f"{name} has {', '.join(columns) or 'none'}" for name, columns in known.items())
            msg = (
                f"nothing identifies a crossing in both files ({have}); write the decisions again with the identity of each event"
            )
            raise DataError(msg)

    def _by_place(self) -> Iterator[PairedBatch]:
        """Line by line; what both files know must agree."""
        shared = sorted(set(self.recorded.identity) & set(self.emulated.identity))
        start = 0
        for batch in self.recorded.iterate():
            stop = start + batch.n
            if stop > self.emulated.n:
                self._refuse_lengths("more than")
            partners = self.emulated.take(np.arange(start, stop))
            for name in shared:
                wrong = np.flatnonzero(batch.identity[name] != partners.identity[name])
                if len(wrong):
                    here, there = described(batch.identity, int(wrong[0])), described(partners.identity, int(wrong[0]))
                    msg = (
                        f"no number identifies the crossings, and they differ at the place {start + wrong[0]}: "
                        f"{self.recorded.name} has {here}, {self.emulated.name} has {there}"
                    )
                    raise DataError(msg)
            yield PairedBatch(batch, np.arange(batch.n), partners)
            start = stop
        if start < self.emulated.n:
            self._refuse_lengths(f"{start:,}, fewer than")

    def _refuse_lengths(self, how: str) -> None:
        msg = (
            f"no number identifies a crossing in both files, and {self.recorded.name} has {how} the "
            f"{self.emulated.n:,} crossings of {self.emulated.name}: they cannot be matched"
        )
        raise DataError(msg)

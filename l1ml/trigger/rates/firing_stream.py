"""Firings of a menu, batch after batch, in pieces that fit a cache."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.errors import DataError
from l1ml.trigger.decisions import Decisions
from l1ml.trigger.menus.algorithm import Algorithm, AlgorithmEntry
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.rates.draws import Draws
from l1ml.trigger.rates.final_or import FinalOr
from l1ml.trigger.rates.sample_sums import SampleSums
from l1ml.trigger.rates.sample_tally import SampleTally

__all__ = ["FiringStream"]

_PIECE = 8192
"""Crossings in a piece: the bits of 400 algorithms take a few megabytes."""

_ENTRIES = 1 << 23
"""Crossings times algorithms in a piece with weights or copies: samples of a few algorithms are summed in one go."""


class FiringStream:
    """Checks that batches of decisions belong together, and hands on their firings.

    Parameters
    ----------
    menu : Menu
        The menu that made the decisions; its prescales may be others.
    """

    def __init__(self, menu: Menu) -> None:
        self.menu = menu
        self.seen = SampleTally()
        self._entries: tuple[AlgorithmEntry, ...] | None = None
        self._unsupported: Mapping[str, str] = {}

    @property
    def whole(self) -> SampleSums:
        """Sums over all crossings.

        Raises
        ------
        DataError
            If there were fewer than two draws, or all weights are zero.
        """
        sums = self.seen.sums
        if sums.n_draws < 2 or not sums.weight > 0:
            msg = (
                f"received {sums.n_crossings} crossings of {sums.n_draws} draw(s) with a total weight of "
                f"{sums.weight:g}: a statistical error needs two draws at least, not all of weight zero"
            )
            raise DataError(msg)
        return sums

    def start(self, decisions: Decisions) -> bool:
        """Whether `decisions` are the first ones.

        Raises
        ------
        DataError
            If they are not of the algorithms of the menu, or of the first batch.
        """
        return self._start(decisions.entries, decisions.unsupported)

    def resume(self, unsupported: Mapping[str, str], seen: SampleTally) -> bool:
        """Count crossings `seen` elsewhere by the same menu, which had no decision on the `unsupported`; whether they are first.

        Raises
        ------
        DataError
            If other algorithms had none in the first batch.
        """
        entries = tuple(item.entry for item in self.menu.algorithms if item.name not in unsupported)
        is_first = self._start(entries, unsupported)
        self.seen = self.seen + seen
        return is_first

    def _start(self, entries: tuple[AlgorithmEntry, ...], unsupported: Mapping[str, str]) -> bool:
        if self._entries is not None:
            if entries != self._entries:
                msg = f"this batch decides {_list(entries)}, the first one {_list(self._entries)}: batches of one menu only"
                raise DataError(msg)
            return False
        expected = tuple(name for name in self.menu.names if name not in unsupported)
        if tuple(entry.name for entry in entries) != expected:
            msg = f"decisions of {_list(entries)} do not belong to menu {self.menu.name!r} with {len(expected)} such algorithms"
            raise DataError(msg)
        self._entries, self._unsupported = entries, dict(unsupported)
        return True

    @property
    def algorithms(self) -> tuple[Algorithm, ...]:
        """Algorithms of the menu that have decisions, in the order of the columns."""
        return tuple(item for item in self.menu.algorithms if item.name not in self.unsupported)

    @property
    def unsupported(self) -> Mapping[str, str]:
        """Why each other algorithm has none.

        Raises
        ------
        DataError
            If there was no batch yet.
        """
        if self._entries is None:
            msg = "received no decisions; add a batch first"
            raise DataError(msg)
        return self._unsupported

    def final_or(self, menu: Menu) -> FinalOr:
        """Final OR of the algorithms that have decisions, with the prescales of `menu`.

        Raises
        ------
        DataError
            If a veto in use has no decision.
        """
        by_name = {item.name: item for item in menu.algorithms}
        for name, reason in self.unsupported.items():
            if by_name[name].entry.is_veto and not by_name[name].prescale.is_off:
                msg = f"the veto {name} has no decision, so that no rate of the final OR is known: {reason}"
                raise DataError(msg)
        chosen = [by_name[item.name] for item in self.algorithms]
        return FinalOr.of([item.entry for item in chosen], [item.prescale for item in chosen])

    def is_lower_bound(self, menu: Menu) -> bool:
        """Whether an algorithm without a decision would enter the final OR with the prescales of `menu`."""
        entries = [menu[name].entry for name in self.unsupported]
        return any(entry.in_final_or and not entry.is_veto and not entry.prescale.is_off for entry in entries)

    def pieces(
        self, decisions: Decisions, weight: ArrayLike | None, draw: ArrayLike | None
    ) -> Iterator[tuple[NDArray[np.bool_], Draws]]:
        """Bits before the prescale, shape (k, n), of the crossings in which any algorithm fires, and their draws.

        Raises
        ------
        DataError
            On weights or draws that do not fit.
        """
        draws = Draws.of(decisions.n, weight, draw)
        self.seen = self.seen + SampleTally.of(draws)
        size = _PIECE if draws.are_plain else max(_PIECE, _ENTRIES // len(decisions.entries))
        for rows, part in draws.pieces(size):
            fired = np.ascontiguousarray(decisions.before_prescale[rows].T)
            busy = np.flatnonzero(fired.any(axis=0))
            if busy.size:
                yield (fired, part) if busy.size == part.n else (fired[:, busy], part.select(busy))


def _list(entries: tuple[AlgorithmEntry, ...]) -> str:
    names = [entry.name for entry in entries]
    return f"{len(names)} algorithms ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})"

"""Objects with real pt, eta and phi as the words that the Global Trigger receives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import pi

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.schema import LEVEL1_SCHEMA
from l1ml.hardware import HardwareScale

__all__ = ["WordReport", "level1_words"]


@dataclass
class WordReport:
    """How many quantities did not fit their words.

    Parameters
    ----------
    n_objects : int
        Objects seen.
    saturated : Counter
        Objects whose quantity ("jet/pt") lies beyond its word and was set to the last one.
    lost : Counter
        Objects whose pt word is zero, so that they are no object any more ("jet").
    """

    n_objects: int = 0
    saturated: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def n_saturated(self) -> int:
        """Quantities that were cut to the range of their word."""
        return sum(self.saturated.values())

    def summary(self) -> str:
        """One line for a person."""
        parts = [f"{name} {number}" for name, number in sorted(self.saturated.items()) if number]
        return f"of {self.n_objects} objects these were beyond their words and saturated: {', '.join(parts) or 'none'}"


def level1_words(events: Events, report: WordReport) -> Events:
    """`events` with the words of `LEVEL1_SCHEMA` in place of their real quantities.

    Words are rounded down, as the hardware truncates: pt and eta towards minus infinity, phi after it was put between 0 and
    2 pi. A value beyond its word becomes the last word and is counted in `report`. Empty slots (by ``events.valid``) and
    objects with pt below one count are zero in every field. Missing energy has no eta: its word is zero.

    Parameters
    ----------
    events : Events
        With the objects of `LEVEL1_SCHEMA` and their reals pt (GeV), eta, phi (rad).
    report : WordReport
        Counts are added to it.
    """
    collections: dict[str, dict[str, NDArray[np.int32]]] = {}
    for item in LEVEL1_SCHEMA.objects:
        given, present = events.collections[item.name], events.valid(item.name)
        report.n_objects += int(np.count_nonzero(present))
        words: dict[str, NDArray[np.int64]] = {}
        for entry in item.fields:
            no_eta = item.name == "met" and entry.name == "eta"
            values = np.zeros(present.shape) if no_eta else given[entry.name].astype(np.float64)
            words[entry.name], beyond = _words(entry.name, values, entry.scale)
            report.saturated[f"{item.name}/{entry.name}"] += int(np.count_nonzero(beyond & present))
        kept = present & (words["pt"] != 0)
        report.lost[item.name] += int(np.count_nonzero(present & ~kept))
        collections[item.name] = {f"hw_{name}": np.where(kept, column, 0).astype(np.int32) for name, column in words.items()}
    identity = events.weight, events.event, events.group
    return Events(LEVEL1_SCHEMA, collections, *identity, events.truth, {}, events.crossing, events.processes)


def _words(name: str, values: NDArray[np.float64], scale: HardwareScale) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Words of one quantity, and which of them were beyond the range."""
    if name == "phi":
        turn = round(2 * pi / scale.lsb)
        return np.floor(np.mod(values, 2 * pi) / scale.lsb).astype(np.int64) % turn, np.zeros(values.shape, np.bool_)
    counts = np.floor(values / scale.lsb) + scale.offset
    return scale.to_hw(values, "floor"), (counts > scale.max_word) | (counts < scale.min_word)

"""Table ``[events]`` of a configuration: files of weighted events, and what is drawn from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT, Progress
from offline.inference.arrays import FloatArray
from offline.inference.gold.drawn_events import DrawnEvents
from offline.inference.gold.labels import Gold, gold_of_events
from offline.inference.gold.madminer_file import read_madminer
from offline.inference.gold.weighted_events import WeightedEvents
from offline.inference.prior import Prior

__all__ = ["EventFiles"]

_REFERENCES = 10
"""Densities in the reference where a configuration names none."""


@dataclass(frozen=True, slots=True)
class EventFiles:
    """The table; `offline/inference/configuration.py` describes its keys. Files are relative to the folder that methods get.

    Raises
    ------
    ConfigError
        If the prior or a point of the reference makes no sense.
    """

    file: str
    prior: Mapping[str, Mapping[str, float | str]]
    test: str = ""
    labelled: int = 100_000
    points: int = 1000
    reference: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        prior = Prior.from_dict(self.prior)
        if any(len(point) != prior.dimension for point in self.reference):
            msg = f"each row of reference needs {prior.dimension} numbers, of {', '.join(prior.names)}; received {self.reference}"
            raise ConfigError(msg)
        if self.points < 1:
            msg = f"labels are made at 1 or more points, received {self.points}"
            raise ConfigError(msg)

    def gold(self, folder: Path, *, seed: int, progress: Progress = SILENT) -> Gold:
        """Labelled events to learn from."""
        return self._gold(read_madminer(folder / self.file), seed, progress)

    def test_gold(self, folder: Path, *, seed: int) -> Gold:
        """Labelled events to judge by, with the same reference."""
        return self._gold(self._others(folder), seed, SILENT)

    def simulator(self, folder: Path) -> DrawnEvents:
        """What draws toys."""
        return DrawnEvents(self._others(folder))

    def _gold(self, events: WeightedEvents, seed: int, progress: Progress) -> Gold:
        prior = Prior.from_dict(self.prior)
        return gold_of_events(events, prior, self._points(prior), self.labelled, points=self.points, seed=seed, progress=progress)

    def _points(self, prior: Prior) -> FloatArray:
        """Of the reference, shape (r, d); those of training and test must be the same, whatever the seed."""
        return np.array(self.reference) if self.reference else prior.sample(_REFERENCES, np.random.default_rng(0))

    def _others(self, folder: Path) -> WeightedEvents:
        """Events that were not trained on."""
        if not self.test:
            msg = 'the configuration names no events to test with or to draw toys from: give test = "..." in [events]'
            raise DataError(msg)
        return read_madminer(folder / self.test)

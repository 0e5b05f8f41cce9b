"""Crossings of a decision file in the four regions of two seeds: what counters of an ABCD estimate would read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from l1ml.errors import ConfigError, DataError, nearest
from l1ml.trigger.decision_file import DecisionFile

__all__ = ["region_counts"]


def region_counts(path: Path, first: str, second: str) -> tuple[int, int, int, int]:
    """Crossings in which both seeds fire, the first alone, the second alone, neither; before bunch masks and prescales.

    Raises
    ------
    ConfigError
        If a seed has no bit in the file, naming the nearest one.
    DataError
        If the file has no decisions, or is missing or damaged.
    """
    with DecisionFile(path) as file:
        names = file.header.algorithms
        for seed in (first, second):
            if seed not in names:
                why = file.header.unsupported.get(seed)
                msg = f"{path} has no bit of the seed {seed!r}: {why or nearest(seed, names)}"
                raise ConfigError(msg)
        counts = np.zeros(4, np.int64)
        for batch in file.iterate():
            if batch.initial is None:
                msg = f"{path} has scores and no decisions; emulate with a menu that has both seeds"
                raise DataError(msg)
            passed = batch.initial[:, [names.index(first), names.index(second)]]
            counts += np.bincount(3 - passed @ np.array([2, 1]), minlength=4)
    a, b, c, d = (int(count) for count in counts)
    return a, b, c, d

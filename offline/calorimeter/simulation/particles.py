"""Particles of a beam: their energies, and the random numbers that each of them has of its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError

__all__ = ["checked_range", "particles", "stream"]


def stream(seed: int, *place: int) -> np.random.Generator:
    """Random numbers of one place."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=place)))


def particles(
    n: int, lowest: float, highest: float, *, seed: int, first: int, size: int
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Energies of particles `first` to ``first + n``, `size` at a time, each time after the number of the first of them.

    They are even in their logarithm between two limits, and each depends on `seed` and its number alone.
    """
    for start in range(first, first + n, size):
        numbers = range(start, min(start + size, first + n))
        share = np.array([stream(seed, 0, number).random() for number in numbers])
        yield start, lowest * (highest / lowest) ** share


def checked_range(lowest: float, highest: float, *, least: float, most: float = np.inf) -> None:
    """Refuse limits of energies in MeV that do not rise, or lie below `least` or above `most`.

    Raises
    ------
    ConfigError
        If they do.
    """
    if not least <= lowest <= highest <= min(most, np.finfo(np.float64).max):
        ends = f"from {least:g} MeV" + ("" if most == np.inf else f" to {most:g} MeV")
        msg = f"energies reach from a lower limit to one that is as much or more, {ends}; received {lowest:g} to {highest:g} MeV"
        raise ConfigError(msg)

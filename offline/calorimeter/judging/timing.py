"""How long a generator takes for a shower."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.errors import ConfigError
from offline.calorimeter.judging.samples import FloatArray

__all__ = ["Sampler", "Timing", "machine", "time_sampler"]

Sampler = Callable[[FloatArray], Any]
"""Makes showers of incident energies, shape (n,), in MeV."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Time for a shower at one batch size.

    Parameters
    ----------
    batch : int
        Showers in a call.
    median_ms, fastest_ms, slowest_ms : float
        Milliseconds for a shower, wall clock, over the calls.
    cpu_ms : float
        Processor time for a shower, median over the calls: on a busy machine the figure to trust; more than wall clock if several
        cores took part.
    first_ms : float
        Of the first call, which compiles and is not counted above.
    calls : int
        How many were counted.
    """

    batch: int
    median_ms: float
    fastest_ms: float
    slowest_ms: float
    cpu_ms: float
    first_ms: float
    calls: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def time_sampler(
    sampler: Sampler, energies: FloatArray, *, batches: Sequence[int] = (1, 100, 1000), calls: int = 5, seed: int = 1
) -> tuple[Timing, ...]:
    """Time `sampler` at several batch sizes, each after one call that is not counted.

    Parameters
    ----------
    sampler : callable
        Of incident energies; what it returns must be finished, not promised.
    energies : ndarray of float64, shape (n,)
        To draw from, in MeV: those of the showers that are judged.
    batches : sequence of int
        Showers in a call.
    calls : int
        Calls that count at each size.
    seed : int
        Of the energies.

    Raises
    ------
    ConfigError
        If a size or the number of calls is not positive.
    """
    if calls < 1 or min(batches, default=0) < 1:
        msg = f"batches and calls must be positive, received {tuple(batches)} and {calls}"
        raise ConfigError(msg)
    rng = np.random.default_rng(seed)
    return tuple(_timing(sampler, [rng.choice(energies, batch) for _ in range(calls + 1)]) for batch in batches)


def _timing(sampler: Sampler, asked: Sequence[FloatArray]) -> Timing:
    batch = len(asked[0])
    clocks = np.array([_clocks(sampler, energies) for energies in asked]) * 1e3 / batch
    wall, cpu = clocks[1:].T
    return Timing(
        batch=batch,
        median_ms=float(np.median(wall)),
        fastest_ms=float(wall.min()),
        slowest_ms=float(wall.max()),
        cpu_ms=float(np.median(cpu)),
        first_ms=float(clocks[0, 0]),
        calls=len(wall),
    )


def _clocks(sampler: Sampler, energies: FloatArray) -> tuple[float, float]:
    """Seconds on the wall and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    sampler(energies)
    return time.perf_counter() - wall, time.process_time() - cpu


def machine() -> dict[str, Any]:
    """What the times belong to."""
    return {"processor": _processor(), "cores": os.cpu_count(), "threads": os.environ.get("OMP_NUM_THREADS", "not limited")}


def _processor() -> str:
    """Name of the processor; `platform` leaves it empty on Linux."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123  a pseudo file
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()

"""Latency and initiation interval, measured by watching the output of a clocked device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.stimuli import extreme_words, random_words
from l1ml.errors import BitMismatchError
from l1ml.hardware import FixedPoint

__all__ = ["RtlTiming", "measure_timing"]

Record = Callable[[NDArray[np.integer]], NDArray[np.int64]]

_HOLD = 128
"""Cycles for which an input is held until its output counts as settled; longer than any trigger latency budget."""

_N_STEPS = 16
_N_RANDOM = 512


@dataclass(frozen=True, slots=True)
class RtlTiming:
    """What was measured, beside what the generator claims.

    Parameters
    ----------
    latency_cycles : int
        Rising clock edges from a crossing on the input port to its score on the output port.
    interval_cycles : int
        Smallest number of cycles between two crossings at which every score is right.
    clock_ns : float
        Period of the clock that the project is built for, in ns; the simulation itself has no gate delays.
    measured_by : str
        Simulator and version.
    claimed_latency_cycles, claimed_interval_cycles : int or None
        The same figures as the generator of the project states them.
    """

    latency_cycles: int
    interval_cycles: int
    clock_ns: float
    measured_by: str
    claimed_latency_cycles: int | None = None
    claimed_interval_cycles: int | None = None

    @property
    def latency_ns(self) -> float:
        """Latency at the declared clock, in ns."""
        return self.latency_cycles * self.clock_ns

    @property
    def agrees(self) -> bool:
        """Whether the generator's claims are what was measured; a missing claim agrees with nothing."""
        return (self.claimed_latency_cycles, self.claimed_interval_cycles) == (self.latency_cycles, self.interval_cycles)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"cycles": self.latency_cycles, **asdict(self), "latency_ns": self.latency_ns, "claim_agrees": self.agrees}


def measure_timing(
    record: Record,
    formats: Sequence[FixedPoint],
    rng: np.random.Generator,
    *,
    clock_ns: float,
    measured_by: str,
    claimed: tuple[int | None, int | None] = (None, None),
) -> RtlTiming:
    """Measure a device whose outputs after each cycle are ``record(words)``, shape (n, n_outputs), one row of `words` per cycle.

    Each of several random crossings is held until the output has settled; the latency is the number of edges until the
    settled score appears, and before that the output must still show the one of the crossing before. Then crossings are
    streamed at growing distance until every score is the settled one.

    Raises
    ------
    BitMismatchError
        If the latency is not the same for all crossings, or no interval gives right scores.
    """
    words = rng.permutation(random_words(formats, _N_RANDOM + len(extreme_words(formats)), rng))
    held = record(np.repeat(words, _HOLD, axis=0)).reshape(len(words), _HOLD, -1)
    settled = held[:, -1]
    latency = _latency(held, settled)
    interval = _interval(record, words, settled, latency)
    return RtlTiming(latency, interval, clock_ns, measured_by, *claimed)


def _latency(held: NDArray[np.int64], settled: NDArray[np.int64]) -> int:
    """Rising edges until the output shows the settled value, never before and never otherwise."""
    steps = np.flatnonzero(np.diff(settled, axis=0).any(axis=1))[:_N_STEPS] + 1
    if len(steps) < 2:
        msg = f"all {len(settled)} crossings give the score words {settled[0].tolist()}: a constant output has no latency"
        raise BitMismatchError(msg)
    found = set()
    for step in steps:
        is_new = (held[step] == settled[step]).all(axis=1)
        first = int(np.argmax(is_new))
        if not (is_new[first:].all() and (held[step, :first] == settled[step - 1]).all()):
            msg = f"the output changes more than once after input step {int(step)}: {np.unique(held[step], axis=0).tolist()}"
            raise BitMismatchError(msg)
        found.add(first + 1)
    if len(found) != 1:
        msg = f"crossings take different numbers of clock cycles: {sorted(found)}"
        raise BitMismatchError(msg)
    return found.pop()


def _interval(record: Record, words: NDArray[np.integer], settled: NDArray[np.int64], latency: int) -> int:
    """Smallest distance of crossings, in cycles, at which every score is the settled one."""
    for interval in range(1, latency + 1):
        padded = np.concatenate([np.repeat(words, interval, axis=0), np.repeat(words[-1:], latency, axis=0)])
        scores = record(padded)[latency - 1 :: interval][: len(words)]
        if np.array_equal(scores, settled):
            return interval
    msg = f"scores are wrong at every interval up to the latency of {latency} cycles"
    raise BitMismatchError(msg)

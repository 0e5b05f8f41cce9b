"""Every implementation of a model against every other, on physics and on random words."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, combinations, zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.comparison import MismatchReport, compare
from l1ml.emulation.emulator import Emulator
from l1ml.emulation.stimuli import STIMULI, stimulus_blocks
from l1ml.errors import BitMismatchError, ConfigError
from l1ml.progress import SILENT, Progress

__all__ = ["CLOCKED", "FirstMismatch", "Participation", "Verification", "VerificationConfig", "verify"]

CLOCKED = frozenset({"rtl_simulation"})
"""Emulators that simulate every register: they stop when their time is spent, all others see every crossing."""

_PHYSICS, _DIRECTED = "physics", "directed"
_ONE_ROUND = 2 * len(STIMULI) + 2
"""Blocks that every emulator sees, however little time it has: one of physics before one of each kind."""

_MOST_DISTINCT = 65536


@dataclass(frozen=True, slots=True)
class VerificationConfig:
    """How many random crossings are compared besides physics, from which seed, and how long clocked simulations may take."""

    n_random: int = 100_000
    seed: int = 1
    budget_s: float = 600.0

    def __post_init__(self) -> None:
        if self.n_random < 1:
            msg = f"n_random must be at least 1, received {self.n_random}"
            raise ConfigError(msg)
        if not 0 <= self.budget_s < np.inf or self.seed < 0:
            msg = f"budget_s and seed must not be negative, received {self.budget_s} and {self.seed}"
            raise ConfigError(msg)


@dataclass(slots=True)
class Participation:
    """What one emulator saw: crossings, and the seconds that it took for them."""

    name: str
    n_physics: int = 0
    n_random: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class FirstMismatch:
    """The first crossing on which two implementations differ.

    Parameters
    ----------
    stimulus : str
        ``physics`` or a kind of `STIMULI`.
    crossing : int
        Its number in the order of comparison.
    inputs : tuple of int
        Its input words.
    scores : mapping of str to list of int
        Score words of every emulator that saw it.
    """

    stimulus: str
    crossing: int
    inputs: tuple[int, ...]
    scores: Mapping[str, list[int]]


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """All pairs of implementations, compared on the same crossings.

    Parameters
    ----------
    pairs : tuple of MismatchReport
        One for each two emulators.
    emulators : tuple of Participation
        What each of them saw.
    stimuli : mapping of str to int
        Crossings of each kind, physics among them.
    n_distinct_scores : int
        Different score words that the first emulator gave, counted up to 65,536.
    first : FirstMismatch or None
        Where they differ first.
    """

    pairs: tuple[MismatchReport, ...]
    emulators: tuple[Participation, ...]
    stimuli: Mapping[str, int]
    n_distinct_scores: int
    first: FirstMismatch | None = None

    def require_exact(self) -> None:
        """Raise BitMismatchError for the first pair that differs, with the input words."""
        for pair in self.pairs:
            try:
                pair.require_exact()
            except BitMismatchError as error:
                if self.first is None:
                    raise
                msg = f"{error}; that is a crossing of {self.first.stimulus!r} with the words {list(self.first.inputs)}"
                raise BitMismatchError(msg) from error

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        both = combinations(self.emulators, 2)
        return {
            "pairs": [{**pair.to_dict(), **_common(a, b)} for pair, (a, b) in zip(self.pairs, both, strict=True)],
            "emulators": [asdict(item) for item in self.emulators],
            "stimuli": dict(self.stimuli),
            "n_distinct_scores": self.n_distinct_scores,
        }


def _common(a: Participation, b: Participation) -> dict[str, int]:
    """Crossings that both saw: each saw the first ones."""
    return {name: min(getattr(a, name), getattr(b, name)) for name in ("n_physics", "n_random")}


@dataclass(slots=True)
class _Tally:
    """What is kept from one block to the next."""

    emulators: tuple[Participation, ...]
    pairs: dict[tuple[int, int], MismatchReport] = field(default_factory=dict)
    stimuli: dict[str, int] = field(default_factory=dict)
    distinct: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    first: FirstMismatch | None = None
    n: int = 0


def verify(
    emulators: Sequence[Emulator],
    physics: Iterable[NDArray[np.int32]],
    config: VerificationConfig,
    *,
    directed: NDArray[np.int32] | None = None,
    progress: Progress = SILENT,
) -> Verification:
    """Compare the score words of all `emulators`, pair by pair, without a tolerance; memory does not grow with the crossings.

    Parameters
    ----------
    emulators : sequence of Emulator
        At least two implementations of one model.
    physics : iterable of ndarray of int32, shape (n, n_features)
        Words of simulated or recorded crossings, block by block.
    config : VerificationConfig
        Number and seed of the random crossings, of all kinds in turn; the first block holds the extreme ones.
    directed : ndarray of int32, shape (n, n_features), optional
        Crossings made for this network; they come first and count as random ones.
    progress : Progress
        Told after each block of random crossings.

    Raises
    ------
    ConfigError
        If there are fewer than two emulators.
    """
    if len(emulators) < 2:
        msg = f"a comparison needs at least two emulators, received {[item.name for item in emulators]}"
        raise ConfigError(msg)
    tally = _Tally(tuple(Participation(item.name) for item in emulators))
    progress.start("verification", config.n_random)
    for number, (kind, words) in enumerate(_blocks(emulators[0], physics, config, directed)):
        there = [place for place, seen in enumerate(tally.emulators) if number < _ONE_ROUND or _has_time(seen, config)]
        _add(tally, {place: emulators[place] for place in there}, kind, words)
        progress.advance(len(words) * (kind != _PHYSICS))
    progress.finish()
    return Verification(tuple(tally.pairs.values()), tally.emulators, tally.stimuli, len(tally.distinct), tally.first)


def _blocks(
    emulator: Emulator, physics: Iterable[NDArray[np.int32]], config: VerificationConfig, directed: NDArray[np.int32] | None
) -> Iterator[tuple[str, NDArray[np.int32]]]:
    """Physics and stimuli in turn, so that a simulation with little time sees both."""
    first = [] if directed is None else [(_DIRECTED, directed[: config.n_random])]
    n_left = config.n_random - sum(len(words) for _, words in first)
    random = chain(first, stimulus_blocks(emulator.input_formats, n_left, config.seed))
    for real, made in zip_longest(physics, random):
        if real is not None and len(real):
            yield _PHYSICS, real
        if made is not None:
            yield made


def _has_time(participation: Participation, config: VerificationConfig) -> bool:
    return participation.name not in CLOCKED or participation.seconds < config.budget_s


def _add(tally: _Tally, emulators: Mapping[int, Emulator], kind: str, words: NDArray[np.int32]) -> None:
    """Compare one block as the `emulators`, by their places, compute it."""
    scores = {
        place: (item.name, item.output_format, _timed(tally.emulators[place], item, kind, words))
        for place, item in emulators.items()
    }
    for a, b in combinations(scores, 2):
        report = compare(scores[a], scores[b])
        before = tally.pairs.get((a, b))
        tally.pairs[a, b] = report if before is None else before.followed_by(report, tally.n)
        if not report and tally.first is None:
            row = report.first_indices[0]
            given = {name: np.atleast_1d(values[row]).tolist() for name, _, values in scores.values()}
            tally.first = FirstMismatch(kind, tally.n + row, tuple(words[row].tolist()), given)
    if len(tally.distinct) < _MOST_DISTINCT:
        tally.distinct = np.union1d(tally.distinct, scores[0][2])[:_MOST_DISTINCT]
    tally.stimuli[kind] = tally.stimuli.get(kind, 0) + len(words)
    tally.n += len(words)


def _timed(participation: Participation, emulator: Emulator, kind: str, words: NDArray[np.int32]) -> NDArray[np.int64]:
    """Score words, entered into what the emulator saw."""
    start = time.perf_counter()
    scores = emulator.predict(words)
    participation.seconds += time.perf_counter() - start
    if kind == _PHYSICS:
        participation.n_physics += len(words)
    else:
        participation.n_random += len(words)
    return scores

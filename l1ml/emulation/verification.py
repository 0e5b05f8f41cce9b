"""Every implementation of a model against every other, on physics and on random words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.comparison import MismatchReport, compare
from l1ml.emulation.emulator import Emulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress

__all__ = ["Verification", "VerificationConfig", "verify"]


@dataclass(frozen=True, slots=True)
class VerificationConfig:
    """How many random crossings are compared besides the physics ones, and from which seed."""

    n_random: int = 100_000
    seed: int = 1

    def __post_init__(self) -> None:
        if self.n_random < 1:
            msg = f"n_random must be at least 1, received {self.n_random}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """All pairs of implementations, compared on the same crossings."""

    pairs: tuple[MismatchReport, ...]
    n_physics: int
    n_random: int
    n_distinct_scores: int

    def require_exact(self) -> None:
        """Raise BitMismatchError for the first pair that differs."""
        for pair in self.pairs:
            pair.require_exact()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        counts = {"n_physics": self.n_physics, "n_random": self.n_random}
        return {"pairs": [{**pair.to_dict(), **counts} for pair in self.pairs], "n_distinct_scores": self.n_distinct_scores}


def verify(
    emulators: Sequence[Emulator], physics: NDArray[np.int32], config: VerificationConfig, *, progress: Progress = SILENT
) -> Verification:
    """Compare the score words of all `emulators`, pair by pair, without a tolerance.

    Parameters
    ----------
    emulators : sequence of Emulator
        At least two implementations of one model.
    physics : ndarray of int32, shape (n, n_features)
        Words of simulated or recorded crossings.
    config : VerificationConfig
        Number and seed of the random crossings, which begin with the extreme ones.
    progress : Progress
        Told after each emulator.

    Raises
    ------
    ConfigError
        If there are fewer than two emulators.
    """
    if len(emulators) < 2:
        msg = f"a comparison needs at least two emulators, received {[item.name for item in emulators]}"
        raise ConfigError(msg)
    random = random_words(emulators[0].input_formats, config.n_random, np.random.default_rng(config.seed))
    words = np.concatenate([physics, random])
    progress.start("verification", len(emulators))
    scores = []
    for emulator in emulators:
        scores.append((emulator.name, emulator.output_format, emulator.predict(words)))
        progress.advance()
    progress.finish()
    pairs = tuple(compare(a, b) for a, b in combinations(scores, 2))
    return Verification(pairs, len(physics), len(random), len(np.unique(scores[0][2])))

"""Algorithms: named conditions with a prescale, what trigger people call seeds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from l1ml.errors import ConfigError
from l1ml.trigger.condition import Condition, ObjectCondition, ScoreCondition, ScoreTarget

__all__ = ["Algorithm"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One named decision of the menu.

    Parameters
    ----------
    name : str
        Letters, digits and underscores, such as "L1_SingleMu22".
    condition : ObjectCondition, ScoreCondition or ScoreTarget
        What it asks of a crossing.
    prescale : int
        Every `prescale`-th firing is kept: 1 keeps all, 0 switches the algorithm off.
    alternatives : str
        Algorithms that share a non-empty name here are working points of one algorithm, of which a real menu holds one:
        they are not counted against each other in pure rates.
    masked_bx : tuple of int
        Bunch crossings (0 to 3563) in which the algorithm may not fire.
    """

    name: str
    condition: Condition
    prescale: int = 1
    alternatives: str = ""
    masked_bx: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            msg = f"algorithm name {self.name!r} must be letters, digits and underscores, such as 'L1_SingleMu22'"
            raise ConfigError(msg)
        if self.prescale < 0:
            msg = f"{self.name}: prescale must be 0 (off), 1 (all) or more, received {self.prescale}"
            raise ConfigError(msg)

    @property
    def is_classical(self) -> bool:
        """Whether it cuts on objects, not on a score."""
        return isinstance(self.condition, ObjectCondition)

    @property
    def is_unprescaled(self) -> bool:
        """Whether every firing is kept."""
        return self.prescale == 1

    @property
    def is_resolved(self) -> bool:
        """Whether its threshold is known."""
        return not isinstance(self.condition, ScoreTarget)

    @property
    def thresholds(self) -> tuple[int, ...]:
        """Threshold words, largest first; empty while unresolved."""
        match self.condition:
            case ObjectCondition(thresholds=words):
                return words
            case ScoreCondition(threshold=word):
                return (word,)
            case _:
                return ()

    def is_alternative_of(self, other: Algorithm) -> bool:
        """Whether both are working points of one algorithm; an algorithm is one of itself."""
        return self.name == other.name or (self.alternatives != "" and self.alternatives == other.alternatives)

    def with_condition(self, condition: Condition) -> Algorithm:
        """The same algorithm with another condition."""
        return replace(self, condition=condition)

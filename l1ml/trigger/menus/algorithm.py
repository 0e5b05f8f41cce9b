"""Algorithms: named logical expressions with a prescale, what trigger people call seeds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from l1ml.errors import ConfigError
from l1ml.trigger.menus.expression import Expression, references
from l1ml.trigger.menus.prescale import Prescale

__all__ = ["N_ALGORITHMS", "Algorithm", "AlgorithmEntry"]

N_ALGORITHMS = 512
"""Bits of the Global Trigger."""

_EVERY = Prescale()
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class AlgorithmEntry:
    """One algorithm as a menu document states it.

    Parameters
    ----------
    index : int
        Bit of the algorithm, 0 to 511.
    name : str
        Letters, digits and underscores, such as "L1_SingleMu22".
    expression : str
        Logical expression in the menu grammar, one line.
    comment : str
        Free text.
    labels : tuple of str
        Tags of the menu editor.
    prescale : Prescale
        Which firings are kept.
    alternatives : str
        Algorithms that share a non-empty name here are working points of one algorithm, of which a real menu holds one:
        they are not counted against each other in pure rates.
    masked_bx : tuple of int
        Bunch crossings (0 to 3563) in which the algorithm may not fire.
    in_final_or : bool
        Whether it enters the final OR (the finor mask).
    is_veto : bool
        Whether it forbids the crossing when it is kept (the veto mask).
    """

    index: int
    name: str
    expression: str
    comment: str = ""
    labels: tuple[str, ...] = ()
    prescale: Prescale = _EVERY
    alternatives: str = ""
    masked_bx: tuple[int, ...] = ()
    in_final_or: bool = True
    is_veto: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            msg = f"algorithm name {self.name!r} must be letters, digits and underscores, such as 'L1_SingleMu22'"
            raise ConfigError(msg)
        if not 0 <= self.index < N_ALGORITHMS:
            msg = f"{self.name} has the index {self.index}, allowed are 0 to {N_ALGORITHMS - 1}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """An entry with the tree of its expression."""

    entry: AlgorithmEntry
    tree: Expression

    @property
    def index(self) -> int:
        """Bit of the algorithm, 0 to 511."""
        return self.entry.index

    @property
    def name(self) -> str:
        """Name of the algorithm."""
        return self.entry.name

    @property
    def expression(self) -> str:
        """Logical expression as written."""
        return self.entry.expression

    @property
    def prescale(self) -> Prescale:
        """Which firings are kept."""
        return self.entry.prescale

    @property
    def conditions(self) -> tuple[str, ...]:
        """Names of its conditions, each once, in the order written."""
        return tuple(dict.fromkeys(reference.name for reference in references(self.tree)))

    def is_alternative_of(self, other: Algorithm) -> bool:
        """Whether both are working points of one algorithm; an algorithm is one of itself."""
        mine = self.entry.alternatives
        return self.name == other.name or (mine != "" and mine == other.entry.alternatives)

"""Where decisions and vectors disagree, and what the vectors themselves say about the cause."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.conditions.columns import COLLECTIONS
from l1ml.trigger.conditions.scalar_conditions import scalar_bit
from l1ml.trigger.evaluation import Evaluator, Unsupported
from l1ml.trigger.menus.algorithm import Algorithm
from l1ml.trigger.menus.expression import Reference
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.object_types import OBJECT_KINDS
from l1ml.trigger.menus.requirements import ConditionKind, ConditionRequirement, ObjectRequirement

__all__ = ["Evidence", "Mismatch", "evidence", "limit_ceiling", "neighbours", "signals"]

Mask = NDArray[np.bool_]

_SIGNALS: frozenset[ConditionKind] = frozenset(
    {"tower_count", "min_bias", "centrality", "asymmetry", "muon_shower", "zdc"},
)


def limit_ceiling(era: str) -> int:
    """Highest upper limit of a cut between objects that the writer of an era's vectors knew, in physical units.

    CMSSW's ``TriggerMenuParser.cc`` read every higher limit as this one: for ``mass ** 2 / 2`` in GeV^2 a mass of 1.4, later 14,
    TeV. Introduced in cms-sw/cmssw#14282 (2016), raised in #17509 (2017), dropped in #49069 (2025). The firmware has the limits
    of the menu (``98000000.0`` in the ``gtl_module.vhd`` of 2016_v8), and so has this emulation.
    """
    return 10**6 if era < "2017" else 10**8


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counts of one algorithm over the crossings of a file; those of batches add up.

    Parameters
    ----------
    crossings, fires, set_bits, bits, only_here : int
        Crossings; those that fire here; that are set in the vectors; that disagree; that disagree and fire here.
    unseen : int
        Set bits although a neighbouring line that must hold an object holds none that passes.
    carried : int
        Crossings with one of the `signals` that the algorithm asks for.
    left : int
        Disagreements when no upper limit is above `limit_ceiling`, in the batches that have one.
    """

    crossings: int = 0
    fires: int = 0
    set_bits: int = 0
    bits: int = 0
    only_here: int = 0
    unseen: int = 0
    carried: int = 0
    left: int = 0

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(self)))


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One algorithm whose decisions disagree with the vectors.

    Parameters
    ----------
    name : str
        The algorithm.
    first_bx : int
        Crossing number of the first disagreement.
    deciding : tuple of str
        What each condition says at the first, and the objects that pass.
    evidence : Evidence
        Counts over the whole file.
    neighbours, signals : tuple of str
        What the algorithm asks of other crossings, and single bits and counts that it asks for.
    ceiling : int
        `limit_ceiling` of the vectors.
    """

    name: str
    first_bx: int
    deciding: tuple[str, ...]
    evidence: Evidence
    neighbours: tuple[str, ...]
    signals: tuple[str, ...]
    ceiling: int

    @property
    def bits(self) -> int:
        """Crossings that disagree."""
        return self.evidence.bits

    @property
    def only_here(self) -> int:
        """Those of them that fire here and not in the vectors."""
        return self.evidence.only_here

    @property
    def cause(self) -> str:
        """What the vectors themselves say about the cause; "open" where they say nothing."""
        seen = self.evidence
        if seen.unseen:
            fact = f"{seen.unseen} of {seen.set_bits} set bits have no object that passes in the neighbouring line"
            return f"the lines of the file are not consecutive crossings: {fact}"
        if self.neighbours and not seen.set_bits:
            fact = f"not one of the {seen.fires} bits that ask for {', '.join(self.neighbours)} of the neighbouring line is set"
            return f"{fact}: so it is where every line is an event of its own"
        if self.signals and not seen.carried and not seen.fires:
            fact = f"{seen.set_bits} set bits ask for {', '.join(self.signals)}"
            return f"the words are incomplete: {fact}, and none of the {seen.crossings} crossings has it"
        if not seen.left:
            fact = f"all {seen.bits} bits agree if no upper limit is above {self.ceiling}"
            return f"{fact}: the emulator that wrote such vectors read no higher one, the firmware does"
        return "open"

    def to_json(self) -> dict[str, Any]:
        """For the report."""
        keys = ("name", "bits", "first_bx", "only_here", "cause")
        return {**{key: getattr(self, key) for key in keys}, "deciding": list(self.deciding)}


def evidence(evaluator: Evaluator, algorithm: Algorithm, decision: Mask, wanted: Mask, ceiling: int) -> Evidence:
    """Counts of one batch for an algorithm with a decision, where the vectors say `wanted`."""
    wrong = decision != wanted
    has_signal = [scalar_bit(item, evaluator.columns) for item in signals(evaluator.menu, algorithm)]
    return Evidence(
        crossings=len(wanted),
        fires=int(decision.sum()),
        set_bits=int(wanted.sum()),
        bits=int(wrong.sum()),
        only_here=int((wrong & decision).sum()),
        unseen=int((_neighbour_lacks(evaluator, algorithm) & wanted).sum()),
        carried=int(np.logical_or.reduce(has_signal).sum()) if has_signal else 0,
        left=_left(evaluator, algorithm, wanted, ceiling) if wrong.any() else 0,
    )


def neighbours(menu: Menu, algorithm: Algorithm) -> list[ObjectRequirement]:
    """Objects of other crossings that the algorithm asks for; signals aside."""
    return [item for item in _objects(menu, algorithm) if item.bx_offset and item.object in COLLECTIONS]


def signals(menu: Menu, algorithm: Algorithm) -> list[ObjectRequirement]:
    """Single bits and counts that the algorithm asks for: what a crossing has one of, external signals aside."""
    return [item for item in _objects(menu, algorithm) if OBJECT_KINDS[item.object] in _SIGNALS]


def _objects(menu: Menu, algorithm: Algorithm) -> list[ObjectRequirement]:
    return [item for name in algorithm.conditions for item in menu.conditions[name].objects]


def _neighbour_lacks(evaluator: Evaluator, algorithm: Algorithm) -> Mask:
    """Crossings where a single condition lacks every object of a neighbouring crossing that it needs."""
    lacking = np.zeros(evaluator.columns.n, dtype=np.bool_)
    if isinstance(algorithm.tree, Reference):
        for item in neighbours(evaluator.menu, algorithm):
            lacking |= ~evaluator.objects(item).any(axis=0)
    return lacking


def _left(evaluator: Evaluator, algorithm: Algorithm, wanted: Mask, ceiling: int) -> int:
    """Disagreements when no upper limit is above `ceiling`."""
    menu = evaluator.menu
    conditions = {name: _under(menu.conditions[name], ceiling) for name in algorithm.conditions}
    decision = Evaluator(replace(menu, conditions=conditions), evaluator.columns, evaluator.scores).decide(algorithm.tree)
    return len(wanted) if isinstance(decision, Unsupported) else int((decision != wanted).sum())


def _under(condition: ConditionRequirement, ceiling: int) -> ConditionRequirement:
    cuts = [replace(cut, maximum=min(cut.maximum, ceiling * 10**cut.precision)) for cut in condition.cuts]
    return replace(condition, cuts=tuple(cuts))

"""A menu over crossings: one bit for each algorithm and crossing, as the Global Trigger decides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.conditions.combinations import Counts, counted, each_has_one
from l1ml.trigger.conditions.correlations import Outcome, correlated, family
from l1ml.trigger.conditions.object_conditions import passing
from l1ml.trigger.conditions.overlap_removal import without_reference
from l1ml.trigger.conditions.pair_grid import Place, place_of
from l1ml.trigger.conditions.scalar_conditions import cicada_bit, external_bit, scalar_bit
from l1ml.trigger.conditions.score_conditions import Scores, score_bit
from l1ml.trigger.menus.expression import And, Expression, Not, Or, Reference, Xor
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.requirements import SCORE_KINDS, ConditionKind, ConditionRequirement, ObjectRequirement

__all__ = ["Decision", "Evaluator", "Unsupported", "evaluate"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Why an algorithm has no decision: it is not false, it is not known."""

    reason: str


Decision: TypeAlias = Mask | Unsupported

_SCALARS: dict[ConditionKind, Callable[[ObjectRequirement, Columns], Mask]] = {
    "external": external_bit,
    "cicada": cicada_bit,
    "tower_count": scalar_bit,
    "min_bias": scalar_bit,
    "centrality": scalar_bit,
    "asymmetry": scalar_bit,
    "muon_shower": scalar_bit,
    "zdc": scalar_bit,
}
_CORRELATIONS: frozenset[ConditionKind] = frozenset(
    {"correlation", "invariant_mass", "mass_over_dr", "mass_three", "mass_upt", "overlap_removal", "transverse_mass"}
)


def evaluate(menu: Menu, columns: Columns, scores: Scores | None = None) -> dict[str, Decision]:
    """Decisions of all algorithms of `menu`, before mask and prescale.

    Parameters
    ----------
    menu : Menu
        The menu.
    columns : Columns
        The crossings: a condition on a neighbour sees zero beyond the first and the last, or the other end of a whole orbit.
    scores : mapping of str to ndarray of integers, shape (n,) or, of objects, (n, slots), optional
        Score words of the networks that are bound.

    Returns
    -------
    dict
        By the algorithm's name a bool array of shape (n,), or `Unsupported` with the reason.

    Raises
    ------
    ConfigError
        If a cut has no meaning for its objects, an external signal is unknown, or the threshold on a score is not derived.
    """
    evaluator = Evaluator(menu, columns, scores or {})
    return {algorithm.name: evaluator.decide(algorithm.tree) for algorithm in menu.algorithms}


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Decisions over one batch of crossings; what several algorithms share is evaluated once.

    Parameters
    ----------
    menu : Menu
        The menu.
    columns : Columns
        The crossings.
    scores : mapping of str to ndarray of integers, shape (n,) or, of objects, (n, slots)
        Score words of the networks that are bound.
    """

    menu: Menu
    columns: Columns
    scores: Scores = field(default_factory=dict)
    _conditions: dict[str, Decision] = field(default_factory=dict, init=False, repr=False)
    _masks: dict[ObjectRequirement, Mask] = field(default_factory=dict, init=False, repr=False)
    _counts: dict[int, Counts] = field(default_factory=dict, init=False, repr=False)
    _outcomes: dict[str, Outcome] = field(default_factory=dict, init=False, repr=False)
    _alike: dict[tuple[Place, ...], list[ConditionRequirement]] = field(default_factory=dict, init=False, repr=False)

    def decide(self, tree: Expression) -> Decision:
        """Decision of the expression `tree`: unsupported if any of its conditions is."""
        match tree:
            case Reference():
                return self.condition(tree.name)
            case Not(operand):
                inner = self.decide(operand)
                return inner if isinstance(inner, Unsupported) else ~inner
            case And(operands) | Or(operands) | Xor(operands):
                return self._combined(tree, [self.decide(operand) for operand in operands])

    def _combined(self, tree: And | Or | Xor, decisions: list[Decision]) -> Decision:
        masks: list[Mask] = []
        for decision in decisions:
            if isinstance(decision, Unsupported):
                return decision
            masks.append(decision)
        operation = {And: np.logical_and, Or: np.logical_or, Xor: np.logical_xor}[type(tree)]
        return reduce(operation, masks)

    def condition(self, name: str) -> Decision:
        """Decision of the condition called `name`."""
        if name not in self._conditions:
            try:
                self._conditions[name] = self._evaluated(self.menu.conditions[name])
            except DataError as error:
                self._conditions[name] = Unsupported(f"{name}: {str(error).removeprefix(f'{name}: ')}")
        return self._conditions[name]

    def objects(self, requirement: ObjectRequirement) -> Mask:
        """Objects that pass `requirement`, shape (slots, n)."""
        if requirement not in self._masks:
            self._masks[requirement] = passing(requirement, self.columns, self.scores)
        return self._masks[requirement]

    def _evaluated(self, condition: ConditionRequirement) -> Decision:
        if condition.kind in SCORE_KINDS:
            return score_bit(condition, self.scores, self.columns)
        if condition.kind in _SCALARS:
            return _SCALARS[condition.kind](condition.objects[0], self.columns)
        if _is_correlation(condition):
            return self._correlated(condition)
        return self._enough(condition, [self.objects(item) for item in condition.objects])

    def _correlated(self, condition: ConditionRequirement) -> Mask:
        """Condition between objects, evaluated together with all others of the menu between the same."""
        if condition.name not in self._outcomes:
            self._together(self._families()[family(condition)])
        outcome = self._outcomes[condition.name]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _together(self, conditions: list[ConditionRequirement]) -> None:
        """Outcomes of one `family`; the error of one condition is not that of another."""
        ready: list[ConditionRequirement] = []
        masks: list[list[Mask]] = []
        possible: list[Mask] = []
        for condition in conditions:
            try:
                objects = [self.objects(item) for item in condition.objects]
                enough = self._enough(condition, objects)
                first = without_reference(condition)
                possible.append(enough if first is None else enough & self._correlated(first))
            except (ConfigError, DataError) as error:
                self._outcomes[condition.name] = error
                continue
            ready.append(condition)
            masks.append(objects)
        if ready:
            found = correlated(ready, masks, possible, self.columns)
            self._outcomes.update(zip((condition.name for condition in ready), found, strict=True))

    def _enough(self, condition: ConditionRequirement, masks: list[Mask]) -> Mask:
        """Whether each requirement can have an object of its own; a reference may be one of the others."""
        places: list[Place | None] = [place_of(item) for item in condition.objects]
        if condition.kind == "overlap_removal":
            places[-1] = None
        return each_has_one(places, masks, self._count)

    def _count(self, mask: Mask) -> Counts:
        """How many objects pass: counted once for each of the masks that are kept."""
        if id(mask) not in self._counts:
            self._counts[id(mask)] = counted(mask)
        return self._counts[id(mask)]

    def _families(self) -> dict[tuple[Place, ...], list[ConditionRequirement]]:
        """All conditions between objects, by `family`."""
        if not self._alike:
            between = [condition for condition in self.menu.conditions.values() if _is_correlation(condition)]
            for condition in (*between, *filter(None, map(without_reference, between))):
                self._alike.setdefault(family(condition), []).append(condition)
        return self._alike


def _is_correlation(condition: ConditionRequirement) -> bool:
    """Whether a condition is more than one object for each of its requirements."""
    if condition.kind in SCORE_KINDS or condition.kind in _SCALARS:
        return False
    return condition.kind in _CORRELATIONS or bool(condition.cuts)

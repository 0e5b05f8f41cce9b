"""A menu over crossings: one bit for each algorithm and crossing, as the Global Trigger decides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.trigger.conditions.columns import COLLECTIONS, Columns
from l1ml.trigger.conditions.combinations import any_assignment
from l1ml.trigger.conditions.correlations import correlated, without_overlap
from l1ml.trigger.conditions.object_conditions import passing
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
    {"correlation", "invariant_mass", "mass_three", "mass_upt", "transverse_mass"}
)
_NO_DECISION: dict[ConditionKind, str] = {
    "mass_over_dr": "mass over dR is not implemented",
}


def evaluate(menu: Menu, columns: Columns, scores: Scores | None = None) -> dict[str, Decision]:
    """Decisions of all algorithms of `menu`, before mask and prescale.

    Parameters
    ----------
    menu : Menu
        The menu.
    columns : Columns
        The crossings: a condition on a neighbour sees zero beyond the first and the last, or the other end of a whole orbit.
    scores : mapping of str to ndarray of int64, shape (n,), optional
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
    scores : mapping of str to ndarray of int64, shape (n,)
        Score words of the networks that are bound.
    """

    menu: Menu
    columns: Columns
    scores: Scores = field(default_factory=dict)
    _conditions: dict[str, Decision] = field(default_factory=dict, init=False, repr=False)
    _masks: dict[ObjectRequirement, Mask] = field(default_factory=dict, init=False, repr=False)

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
            self._masks[requirement] = passing(requirement, self.columns)
        return self._masks[requirement]

    def _evaluated(self, condition: ConditionRequirement) -> Decision:
        if condition.kind in _NO_DECISION:
            return Unsupported(f"{condition.name}: {_NO_DECISION[condition.kind]}")
        if _is_removal_of_one(condition):
            return Unsupported(
                f"{condition.name}: overlap removal with cuts between one object and its reference is not implemented"
            )
        if condition.kind in SCORE_KINDS:
            return score_bit(condition, self.scores, self.columns)
        if condition.kind in _SCALARS:
            return _SCALARS[condition.kind](condition.objects[0], self.columns)
        return self._of_objects(condition)

    def _of_objects(self, condition: ConditionRequirement) -> Mask:
        """Condition on objects of the collections and on sums."""
        kind = condition.kind
        masks = [self.objects(item) for item in condition.objects]
        if kind == "overlap_removal":
            return without_overlap(condition, masks, self.columns)
        if kind in _CORRELATIONS or condition.cuts:
            return correlated(condition, masks, self.columns)
        return self._assigned(condition, masks)

    def _assigned(self, condition: ConditionRequirement, masks: list[Mask]) -> Mask:
        """Whether each requirement has an object of its own; different collections and crossings do not compete."""
        groups: dict[tuple[str, int], list[Mask]] = {}
        for item, mask in zip(condition.objects, masks, strict=True):
            groups.setdefault((COLLECTIONS[item.object], item.bx_offset), []).append(mask)
        return reduce(np.logical_and, [any_assignment(group) for group in groups.values()])


def _is_removal_of_one(condition: ConditionRequirement) -> bool:
    """Whether the reference of an overlap removal is itself one of the two objects that are correlated."""
    if condition.kind != "overlap_removal" or len(condition.objects) > 2:
        return False
    return any(not cut.kind.startswith("orm_") for cut in condition.cuts)

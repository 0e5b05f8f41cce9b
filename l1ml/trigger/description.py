"""Conditions in words, with their hardware values; and which objects decided in one crossing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from l1ml.trigger.conditions.columns import COLLECTIONS
from l1ml.trigger.evaluation import Evaluator, Unsupported
from l1ml.trigger.menus.algorithm import Algorithm
from l1ml.trigger.menus.object_score import object_scores
from l1ml.trigger.menus.requirements import ConditionRequirement, CorrelationCut, Cut, ObjectRequirement

__all__ = ["deciding_objects", "describe_condition", "describe_object"]

_QUANTITIES = {
    "deta": "|deta|",
    "dphi": "|dphi|",
    "dr": "dR^2",
    "mass": "mass^2/2",
    "mass_upt": "mass^2/2 (unconstrained pt)",
    "mass_over_dr": "mass^2/2 / dR^2",
    "tbpt": "pt^2 of the pair",
    "orm_deta": "|deta| to the reference outside of",
    "orm_dphi": "|dphi| to the reference outside of",
    "orm_dr": "dR^2 to the reference outside of",
}
_CHARGES = {"os": "opposite charges", "ls": "like charges"}
_SHOWN = ("pt", "eta", "phi", "quality", "isolation")
_MOST_SHOWN = 4


def describe_object(requirement: ObjectRequirement) -> str:
    """One object in words.

    Examples
    --------
    >>> describe_object(ObjectRequirement("JET", 60, bx_offset=1, name="JET30"))
    'JET30: word >= 60, 1 crossing later'
    """
    parts = [f"word {requirement.comparison} {requirement.threshold_hw}"] if requirement.threshold_hw else []
    if requirement.channel is not None:
        parts.append(f"bit {requirement.channel}")
    parts += [_cut(cut) for cut in requirement.cuts]
    if requirement.bx_offset:
        many = "s" if abs(requirement.bx_offset) > 1 else ""
        parts.append(f"{abs(requirement.bx_offset)} crossing{many} {'later' if requirement.bx_offset > 0 else 'earlier'}")
    return f"{requirement.name or requirement.object}: {', '.join(parts) or 'set'}"


def describe_condition(condition: ConditionRequirement) -> tuple[str, ...]:
    """One condition in words: its objects, then the cuts between them."""
    return (*map(describe_object, condition.objects), *map(_correlation, condition.cuts))


def deciding_objects(evaluator: Evaluator, algorithm: Algorithm, row: int) -> tuple[str, ...]:
    """What each condition of `algorithm` says at crossing `row`, and the objects that pass each of its requirements."""
    lines = []
    for name in algorithm.conditions:
        decision = evaluator.condition(name)
        verdict = decision.reason if isinstance(decision, Unsupported) else ("true" if decision[row] else "false")
        known = () if isinstance(decision, Unsupported) else evaluator.menu.conditions[name].objects
        objects = [item for item in known if item.object in COLLECTIONS]
        passing = "; ".join(f"{item.name}{_offset(item)}: {_passing(evaluator, item, row)}" for item in objects)
        passing = passing or _scores(evaluator, name, row)
        lines.append(f"{name} is {verdict}" + (f" ({passing})" if passing else ""))
    return tuple(lines)


def _scores(evaluator: Evaluator, name: str, row: int) -> str:
    """Score words that the condition `name` cuts on, as far as a network gives them."""
    condition = evaluator.menu.conditions[name]
    known = [score for score in condition.scores if score in evaluator.scores]
    offset = condition.objects[0].bx_offset
    return ", ".join(f"{score} {evaluator.columns.seen(evaluator.scores[score], offset)[row]}" for score in known)


def _passing(evaluator: Evaluator, requirement: ObjectRequirement, row: int) -> str:
    """Words of the objects that pass."""
    collection = COLLECTIONS[requirement.object]
    slots = np.flatnonzero(evaluator.objects(requirement)[:, row])
    texts = []
    for slot in slots[:_MOST_SHOWN]:
        columns = [name for name in _SHOWN if evaluator.columns.has(collection, name)]
        seen = [
            evaluator.columns.seen(evaluator.columns.field(collection, name), requirement.bx_offset)[slot, row]
            for name in columns
        ]
        found = [*zip(columns, seen, strict=True), *_object_scores(evaluator, requirement, slot, row)]
        texts.append(f"{collection} {slot} " + " ".join(f"{name} {value}" for name, value in found))
    more = [f"{len(slots) - _MOST_SHOWN} more"] if len(slots) > _MOST_SHOWN else []
    return ", ".join(texts + more) or "none"


def _object_scores(evaluator: Evaluator, requirement: ObjectRequirement, slot: int, row: int) -> Iterator[tuple[str, int]]:
    """Scores that `requirement` cuts on, of the object in `slot`."""
    for name in dict.fromkeys(score.name for score in object_scores(requirement)):
        yield name, int(evaluator.columns.seen(evaluator.scores[name].T, requirement.bx_offset)[slot, row])


def _offset(requirement: ObjectRequirement) -> str:
    return f"{requirement.bx_offset:+d}" if requirement.bx_offset else ""


def _cut(cut: Cut) -> str:
    against = f" - {cut.against}" if cut.against else ""
    kind = f"{cut.kind.replace('_', ' ')} {cut.output}{against}".rstrip()
    if cut.window is not None:
        upper = "" if cut.window.maximum is None else f" to {cut.window.maximum}"
        return f"{kind} {cut.window.minimum}{upper or ' or more'}" + (" through 0" if cut.window.wraps else "")
    if cut.table is not None:
        return f"{kind} in {{{', '.join(str(word) for word in range(16) if cut.table >> word & 1)}}}"
    return f"{kind} {cut.text}".rstrip()


def _correlation(cut: CorrelationCut) -> str:
    if cut.kind == "charge":
        return _CHARGES.get(cut.text, cut.text)
    return (
        f"{_QUANTITIES[cut.kind]} {_decimal(cut.minimum, cut.precision)} to {_decimal(cut.maximum, cut.precision)} ({cut.name})"
    )


def _decimal(value: int, precision: int) -> str:
    """`value` with the decimal point where it belongs, without floating point."""
    digits = str(value).rjust(precision + 1, "0")
    return f"{digits[:-precision]}.{digits[-precision:]}" if precision else digits

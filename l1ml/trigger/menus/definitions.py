"""What the names in the expressions of a menu stand for, in hardware values, and the conditions they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from l1ml.errors import ConfigError, nearest
from l1ml.trigger.menus.expression import ConditionTerm, ObjectTerm
from l1ml.trigger.menus.object_score import check_score_cuts
from l1ml.trigger.menus.object_types import FUNCTIONS, OBJECT_KINDS, split_object
from l1ml.trigger.menus.requirements import ConditionKind, ConditionRequirement, CorrelationCut, Cut, ObjectRequirement

__all__ = ["Definitions", "UnresolvedNameError", "condition_of"]

_T = TypeVar("_T")
_MULTIPLICITY: dict[int, ConditionKind] = {2: "double", 3: "triple", 4: "quad"}


class UnresolvedNameError(ConfigError):
    """A name in an expression that has no definition, or not on this object.

    Parameters
    ----------
    reason : str
        What is wrong.
    position : int
        Index in the expression of the object or condition that holds the name.
    """

    def __init__(self, reason: str, position: int) -> None:
        self.position = position
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Definitions:
    """Hardware values behind the names of one menu.

    Parameters
    ----------
    thresholds : mapping of str to int
        Word of the threshold for the name of an object, such as ``{"MU4p5": 10}``.
    object_cuts : mapping of str to Cut
        Cuts on one object by name.
    correlation_cuts : mapping of str to CorrelationCut
        Cuts between objects by name.
    externals : mapping of str to int
        Bit of each external signal, 0 to 255, by its name without "EXT_"; empty where the menu states none.
    """

    thresholds: Mapping[str, int] = field(default_factory=dict)
    object_cuts: Mapping[str, Cut] = field(default_factory=dict)
    correlation_cuts: Mapping[str, CorrelationCut] = field(default_factory=dict)
    externals: Mapping[str, int] = field(default_factory=dict)


def condition_of(term: ConditionTerm, definitions: Definitions) -> ConditionRequirement:
    """The condition that `term` asks for.

    Raises
    ------
    UnresolvedNameError
        If an object, a cut or an external signal has no definition, or a cut stands on another type of object than its own, or a
        cut on a score does not say of which network.
    """
    objects = tuple(_located(item, definitions) for item in term.objects)
    try:
        cuts = tuple(_lookup(name, definitions.correlation_cuts, "cut between objects") for name in term.cuts)
    except ConfigError as error:
        raise UnresolvedNameError(str(error), term.position) from None
    return ConditionRequirement(str(term), _kind(term), objects, cuts, term.function)


def _kind(term: ConditionTerm) -> ConditionKind:
    if term.function == "comb":
        return _MULTIPLICITY[len(term.objects)]
    return FUNCTIONS[term.function].kind if term.function else split_object(term.objects[0].name).kind


def _located(term: ObjectTerm, definitions: Definitions) -> ObjectRequirement:
    try:
        return _object(term, definitions)
    except ConfigError as error:
        raise UnresolvedNameError(str(error), term.position) from None


def _object(term: ObjectTerm, definitions: Definitions) -> ObjectRequirement:
    text = split_object(term.name)
    cuts = tuple(_object_cut(name, text.object, definitions) for name in term.cuts)
    threshold = _lookup(term.name, definitions.thresholds, "object") if text.threshold else 0
    required = ObjectRequirement(text.object, threshold, text.comparison, term.bx_offset, cuts, term.name)
    check_score_cuts(required)
    if OBJECT_KINDS[text.object] != "external" or not definitions.externals:
        return required
    return replace(required, channel=_lookup(term.name.removeprefix("EXT_"), definitions.externals, "external signal"))


def _object_cut(name: str, kind: str, definitions: Definitions) -> Cut:
    cut = _lookup(name, definitions.object_cuts, "cut on an object")
    if name.partition("-")[0] != kind:
        fitting = sorted(key for key in definitions.object_cuts if key.startswith(f"{kind}-"))
        msg = f"cut {name!r} does not belong on {kind}; its cuts are {', '.join(fitting) or 'none'}"
        raise ConfigError(msg)
    return cut


def _lookup(name: str, known: Mapping[str, _T], what: str) -> _T:
    if name not in known:
        msg = f"unknown {what} {name!r}; {nearest(name, known)}"
        raise ConfigError(msg)
    return known[name]

"""Thresholds on scores of objects for a given zero-bias rate of the condition that they stand in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.evaluation import Evaluator, Unsupported
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.object_score import object_score, object_scores
from l1ml.trigger.menus.requirements import ConditionRequirement, Cut, ObjectRequirement, Window

__all__ = ["object_threshold", "wanted_of_objects"]


def wanted_of_objects(menu: Menu) -> dict[str, str]:
    """Condition of each cut on a score of objects that has a target rate, by the name of the cut.

    Raises
    ------
    ConfigError
        If a cut stands in two conditions, two such cuts in one, or one in an overlap removal, whose rate may rise with it.
    """
    wanted: dict[str, str] = {}
    for condition in menu.conditions.values():
        names = {cut.name for item in condition.objects if object_scores(item) for cut in _derived(item)}
        if names and (len(names) > 1 or condition.kind == "overlap_removal"):
            why = "an overlap removal has no rate that falls with a score" if len(names) == 1 else "one rate gives one threshold"
            msg = f"{condition.name} asks for thresholds of {', '.join(sorted(names))}, and {why}; state the words (minimum)"
            raise ConfigError(msg)
        for name in names:
            if wanted.setdefault(name, condition.name) != condition.name:
                msg = f"the cut {name!r} has one threshold, and stands in {wanted[name]} and in {condition.name}"
                raise ConfigError(msg)
    return wanted


def object_threshold(condition: ConditionRequirement, name: str, evaluator: Evaluator, weight: NDArray[np.float64]) -> int:
    """Smallest word of the cut `name` for which `condition` has at most the rate that the cut asks for.

    Parameters
    ----------
    condition : ConditionRequirement
        It may ask for several objects with the same cut, for pt, eta and for pairs: its rate falls as the threshold rises.
    name : str
        A cut of `condition` with a target rate.
    evaluator : Evaluator
        The menu, zero-bias crossings, and the score words of their objects.
    weight : ndarray of float64, shape (n,)
        Weights of the crossings, not negative.

    Raises
    ------
    DataError
        If there are no crossings, or they or the scores lack what the condition asks for.

    Notes
    -----
    As `threshold_at_rate`: the word t, found by bisection, has a rate of at most the target while t - 1 has more. If the rate
    is low enough without a cut, t is the smallest word seen, or 0 of an empty slot; where even the largest word seen is too
    frequent, one above it.
    """
    requirement, cut = next((item, cut) for item in condition.objects for cut in _derived(item) if cut.name == name)
    words = evaluator.scores.get(object_score(requirement, cut).name)
    if words is not None and not words.size:
        msg = f"a threshold for {condition.name} needs zero-bias crossings, received none"
        raise DataError(msg)
    low, high = (0, 1) if words is None else (int(words.min()), int(words.max()) + 1)
    rate_khz, all_khz = cut.rate_khz or 0.0, evaluator.menu.rates.khz

    def is_low_enough(threshold: int) -> bool:
        fired = _fired(evaluator, _at(condition, name, threshold))
        return float(weight[fired].sum() / weight.sum() * all_khz) <= rate_khz

    if is_low_enough(low):
        return low
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_low_enough(middle) else (middle, high)
    return high


def _derived(item: ObjectRequirement) -> tuple[Cut, ...]:
    return tuple(cut for cut in item.of_kind("score") if cut.rate_khz is not None)


def _at(condition: ConditionRequirement, name: str, threshold: int) -> ConditionRequirement:
    """The condition with the word `threshold` for the cut `name`."""

    def changed(cut: Cut) -> Cut:
        return replace(cut, window=Window(threshold)) if cut.name == name else cut

    objects = tuple(replace(item, cuts=tuple(map(changed, item.cuts))) for item in condition.objects)
    return replace(condition, objects=objects)


def _fired(evaluator: Evaluator, condition: ConditionRequirement) -> NDArray[np.bool_]:
    """Crossings of `condition` alone: nothing is remembered, because every threshold makes another one of it."""
    menu = replace(evaluator.menu, conditions={condition.name: condition})
    decision = Evaluator(menu, evaluator.columns, evaluator.scores).condition(condition.name)
    if isinstance(decision, Unsupported):
        raise DataError(decision.reason)
    return decision

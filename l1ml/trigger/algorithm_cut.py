"""What an algorithm of one condition cuts on, for tables and the axes of plots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from l1ml.errors import ConfigError
from l1ml.hardware.fixed_point import FixedPoint
from l1ml.trigger.conditions.columns import COLLECTIONS
from l1ml.trigger.menus.algorithm import Algorithm
from l1ml.trigger.menus.expression import Reference
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.object_scales import threshold_scale
from l1ml.trigger.menus.requirements import ConditionRequirement, Window

__all__ = ["AlgorithmCut", "algorithm_cut"]


@dataclass(frozen=True, slots=True)
class AlgorithmCut:
    """The cut of an algorithm; empty where it has several conditions or different objects.

    Parameters
    ----------
    collection : str
        Collection of its objects, such as "egamma"; empty for a score.
    score : str
        Name of the score that it cuts on, or of several, whose words are then left out; empty for objects.
    words : tuple of int
        Threshold words, largest first.
    physical : tuple of float
        The same in `unit`.
    unit : str
        "GeV" for objects, empty for a score.
    target_khz : float, optional
        The zero-bias rate that the threshold was derived for.
    eta : Window, optional
        Window of the eta words, where there is one and the same for all objects.
    """

    collection: str = ""
    score: str = ""
    words: tuple[int, ...] = ()
    physical: tuple[float, ...] = ()
    unit: str = ""
    target_khz: float | None = None
    eta: Window | None = None


def algorithm_cut(menu: Menu, algorithm: Algorithm, formats: Mapping[str, FixedPoint] | None = None) -> AlgorithmCut:
    """Cut of `algorithm`; `formats` gives the number format of each score, whose words are repeated when it is absent."""
    if not isinstance(algorithm.tree, Reference):
        return AlgorithmCut()
    condition = menu.conditions[algorithm.tree.name]
    if condition.network is not None:
        return _score_cut(condition, formats or {})
    kinds = {item.object for item in condition.objects}
    if len(kinds) > 1 or not kinds <= set(COLLECTIONS):
        return AlgorithmCut()
    return _object_cut(condition, kinds.pop())


def _score_cut(condition: ConditionRequirement, formats: Mapping[str, FixedPoint]) -> AlgorithmCut:
    cuts, score = condition.score_cuts, ", ".join(condition.scores)
    if len(condition.scores) != 1:
        return AlgorithmCut(score=score or condition.network or "")
    words = tuple(cut.window.minimum for cut in cuts if cut.window is not None)
    physical = tuple(float(word) for word in words)
    if score in formats:
        physical = tuple(float(value) for value in formats[score].from_words(np.asarray(words)))
    targets = [cut.rate_khz for cut in cuts if cut.rate_khz is not None]
    return AlgorithmCut(score=score, words=words, physical=physical, target_khz=targets[0] if targets else None)


def _object_cut(condition: ConditionRequirement, kind: str) -> AlgorithmCut:
    words = tuple(sorted((item.threshold_hw for item in condition.objects), reverse=True))
    windows = {item.windows("eta") for item in condition.objects}
    shared = windows.pop() if len(windows) == 1 else ()
    eta = shared[0] if len(shared) == 1 else None
    try:
        scale = threshold_scale(kind)
    except ConfigError:
        return AlgorithmCut(COLLECTIONS[kind], words=words, physical=tuple(float(word) for word in words), eta=eta)
    physical = tuple(float(value) for value in scale.to_physical(words))
    return AlgorithmCut(COLLECTIONS[kind], words=words, physical=physical, unit=scale.unit, eta=eta)

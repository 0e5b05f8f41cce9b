"""Conditions on the score words that a network gives a crossing or each of its objects."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.menus.object_score import object_score
from l1ml.trigger.menus.requirements import ConditionRequirement, ObjectRequirement

__all__ = ["Scores", "score_bit", "score_words", "tagged"]

Scores = Mapping[str, NDArray[np.integer[Any]]]
"""Score words, shape (n,), by the name of the score: that of the network in the menu, or with its output, such as "tagger.b".

Those of objects, by `ObjectScore.name`, have the shape (n, slots): 0 where a slot is empty.
"""


def score_bit(condition: ConditionRequirement, scores: Scores, columns: Columns) -> NDArray[np.bool_]:
    """Whether every score word that the condition cuts on reaches its threshold, shape (n,).

    Raises
    ------
    ConfigError
        If the threshold is still to be derived, or the condition has no cut on the score.
    DataError
        If no such network is bound, or its words have the wrong shape.
    """
    cuts = condition.score_cuts
    words = {name: score_words(name, scores, columns.n) for name in condition.scores}
    if condition.lacks_threshold:
        msg = f"{condition.name} has no threshold yet; derive it with `l1ml menu rates`"
        raise ConfigError(msg)
    if not cuts:
        msg = f"{condition.name} has no cut on the score"
        raise ConfigError(msg)
    reached = [words[condition.score_of(cut)] >= cut.window.minimum for cut in cuts if cut.window is not None]
    return columns.seen(np.logical_and.reduce(reached), condition.objects[0].bx_offset)


def tagged(requirement: ObjectRequirement, scores: Scores, columns: Columns, collection: str) -> NDArray[np.bool_] | None:
    """Objects of `collection` that pass the cuts of `requirement` on scores of their own; None if there are no such cuts.

    Parameters
    ----------
    requirement : ObjectRequirement
        All its cuts of kind score must pass; those of kind winner are alternatives, as an object has one class.
    scores : mapping of str to ndarray
        Score words of the networks that are bound.
    columns : Columns
        The crossings: an empty slot, of pt word 0, never passes.
    collection : str
        Where the objects are.

    Returns
    -------
    bool array, shape (slots, n), at the crossings of the objects

    Raises
    ------
    ConfigError
        If a threshold is still to be derived.
    DataError
        If no such network is bound, or its words have the wrong shape.
    """
    cuts, wins = requirement.of_kind("score"), requirement.of_kind("winner")
    if not cuts and not wins:
        return None
    pt = columns.field(collection, "pt")
    words = {cut: _of_objects(object_score(requirement, cut).name, scores, pt.shape) for cut in (*cuts, *wins)}
    mask = np.asarray(pt != 0)
    for cut in cuts:
        if cut.window is None:
            msg = f"{requirement.name}: {cut.name} has no threshold yet; derive it with `l1ml menu thresholds`"
            raise ConfigError(msg)
        mask &= words[cut] >= cut.window.minimum
    return np.asarray(mask & reduce(np.logical_or, [words[cut] == 1 for cut in wins])) if wins else mask


def _of_objects(name: str, scores: Scores, shape: tuple[int, ...]) -> NDArray[np.integer[Any]]:
    """Score words `name` of objects, in the `shape` (slots, n)."""
    _check_bound(name, scores)
    words = np.asarray(scores[name]).T
    if words.shape != shape or not np.issubdtype(words.dtype, np.integer):
        msg = f"score {name!r} must hold integer words of shape {shape[::-1]}, received {words.dtype} of shape {words.T.shape}"
        raise DataError(msg)
    return words


def score_words(name: str, scores: Scores, n_crossings: int) -> NDArray[np.int64]:
    """Score words `name`, checked to be integers and one for each of `n_crossings`.

    Raises
    ------
    DataError
        If they are absent, or its words are no integers or of another length.
    """
    _check_bound(name, scores)
    words = np.asarray(scores[name])
    if words.shape != (n_crossings,) or not np.issubdtype(words.dtype, np.integer):
        msg = f"score {name!r} must hold {n_crossings} integer words, received {words.dtype} of shape {words.shape}"
        raise DataError(msg)
    return words.astype(np.int64, copy=False)


def _check_bound(name: str, scores: Scores) -> None:
    if name not in scores:
        msg = f"needs the score {name!r} of a network; bound are {', '.join(sorted(scores)) or 'none'}"
        raise DataError(msg)

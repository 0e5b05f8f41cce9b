"""Conditions on the score words of a network that runs in the Global Trigger."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.menus.requirements import ConditionRequirement

__all__ = ["Scores", "score_bit", "score_words"]

Scores = Mapping[str, NDArray[np.int64]]
"""Score words, shape (n,), by the name of the score: that of the network in the menu, or with its output, such as "tagger.b"."""


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


def score_words(name: str, scores: Scores, n_crossings: int) -> NDArray[np.int64]:
    """Score words `name`, checked to be integers and one for each of `n_crossings`.

    Raises
    ------
    DataError
        If they are absent, or its words are no integers or of another length.
    """
    if name not in scores:
        msg = f"needs the score {name!r} of a network; bound are {', '.join(sorted(scores)) or 'none'}"
        raise DataError(msg)
    words = np.asarray(scores[name])
    if words.shape != (n_crossings,) or not np.issubdtype(words.dtype, np.integer):
        msg = f"score {name!r} must hold {n_crossings} integer words, received {words.dtype} of shape {words.shape}"
        raise DataError(msg)
    return words.astype(np.int64, copy=False)

"""Conditions on the score word of a network that runs in the Global Trigger."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.menus.requirements import ConditionRequirement

__all__ = ["Scores", "score_bit", "score_words"]

Scores = Mapping[str, NDArray[np.int64]]
"""Score words, shape (n,), of each network by the name that menus call it."""


def score_bit(condition: ConditionRequirement, scores: Scores, columns: Columns) -> NDArray[np.bool_]:
    """Whether the score word reaches the threshold, shape (n,).

    Raises
    ------
    ConfigError
        If the threshold is still to be derived, or the condition has no cut on the score.
    DataError
        If no such network is bound, or its words have the wrong shape.
    """
    words = score_words(condition.network or "", scores, columns.n)
    minima = [cut.window.minimum for cut in condition.score_cuts if cut.window is not None]
    if condition.lacks_threshold:
        msg = f"{condition.name} has no threshold yet; derive it with `l1ml menu rates`"
        raise ConfigError(msg)
    if not minima:
        msg = f"{condition.name} has no cut on the score"
        raise ConfigError(msg)
    return columns.seen(words >= max(minima), condition.objects[0].bx_offset)


def score_words(name: str, scores: Scores, n_crossings: int) -> NDArray[np.int64]:
    """Score words of the network `name`, checked to be integers and one for each of `n_crossings`.

    Raises
    ------
    DataError
        If the network is absent, or its words are no integers or of another length.
    """
    if name not in scores:
        msg = f"needs the score of the network {name!r}; bound are {', '.join(sorted(scores)) or 'none'}"
        raise DataError(msg)
    words = np.asarray(scores[name])
    if words.shape != (n_crossings,) or not np.issubdtype(words.dtype, np.integer):
        msg = f"score {name!r} must hold {n_crossings} integer words, received {words.dtype} of shape {words.shape}"
        raise DataError(msg)
    return words.astype(np.int64, copy=False)

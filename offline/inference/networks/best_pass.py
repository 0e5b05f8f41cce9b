"""Training that keeps the best weights it has seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from offline.density.training import Learner
from offline.inference.arrays import FloatArray

__all__ = ["Best", "BestMembers"]


class Best:
    """Weights with the lowest loss of held-out rows so far, those of the start included.

    Parameters
    ----------
    learner : Learner
        Whose weights.
    inputs : list of ndarray
        Held-out rows.
    patience : int
        Passes without a better one after which it is enough.
    seed : int
        Of times and noise in the loss, the same for all passes.
    """

    def __init__(self, learner: Learner, inputs: list[FloatArray], patience: int, seed: int) -> None:
        self._learner, self._inputs, self._patience, self._seed = learner, inputs, patience, seed
        self.losses: list[float] = []
        self.look()

    def look(self) -> bool:
        """Judge the present weights; whether the best ones are older than the patience."""
        self.losses.append(float(self._learner.losses(self._inputs, self._seed).mean()))
        if len(self.losses) == 1 or self.losses[-1] < min(self.losses[:-1]):
            self.weights, self.at = self._learner.arrays(), len(self.losses) - 1
        return len(self.losses) - 1 - self.at >= self._patience


class BestMembers:
    """The same for each of the members of a network, whose arrays have an axis of members first.

    Parameters
    ----------
    learner, inputs, patience, seed
        As in `Best`; it is enough when it is so for all members.
    """

    def __init__(self, learner: Learner, inputs: list[FloatArray], patience: int, seed: int) -> None:
        self._learner, self._inputs, self._patience, self._seed = learner, inputs, patience, seed
        self.losses: list[FloatArray] = []
        self.weights = learner.arrays()
        self.at = np.zeros(len(self.weights[0]), np.int64)
        self.look()

    def look(self) -> bool:
        """Judge the present weights; whether the best ones of all members are older than the patience."""
        self.losses.append(self._learner.losses(self._inputs, self._seed).mean(axis=0))
        better = self.losses[-1] < np.min(self.losses[:-1], axis=0, initial=np.inf)
        for kept, present in zip(self.weights, self._learner.arrays(), strict=True):
            kept[better] = present[better]
        self.at[better] = len(self.losses) - 1
        return bool((len(self.losses) - 1 - self.at >= self._patience).all())

    def records(self, losses: list[float]) -> list[dict[str, Any]]:
        """How the training of each member went, given the mean losses of all passes, of which each has the same share."""
        share = [value / len(self.at) for value in losses]
        columns = np.transpose(self.losses).tolist()
        return [{"loss": share, "held_out_loss": held, "best_pass": int(at)} for held, at in zip(columns, self.at, strict=True)]

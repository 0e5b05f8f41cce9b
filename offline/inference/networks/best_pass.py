"""Training that keeps the best weights it has seen."""

from __future__ import annotations

from offline.density.training import Learner
from offline.inference.arrays import FloatArray

__all__ = ["Best"]


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

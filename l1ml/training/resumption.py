"""How a compiled model goes on from the epoch after which its training was killed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.training.checkpoint import Checkpoint, State

__all__ = ["Resumption"]


@dataclass(frozen=True, slots=True, eq=False)
class Resumption:
    """Notes of everything that changes while a model is trained, and of what its training keeps beside that.

    Batches need no note: Keras draws the order of the crossings from the seed each time it begins an epoch.

    Parameters
    ----------
    model : keras.Model
        Compiled.
    checkpoint : Checkpoint or None
        Where notes are kept; nowhere if None.
    others : sequence of variables
        What changes and is no part of `model`.
    """

    model: Any
    checkpoint: Checkpoint | None
    others: Sequence[Any] = ()

    def _variables(self) -> list[Any]:
        """Weights, random generators, optimiser, others."""
        return [*self.model.variables, *self.model.optimizer.variables, *self.others]

    def save(self, facts: dict[str, Any], kept: Sequence[NDArray[Any]] = ()) -> None:
        """Note the model, `facts` (JSON values) and the arrays `kept`, after an epoch."""
        if self.checkpoint is not None:
            self.checkpoint.save(State(facts, [*(np.asarray(item) for item in self._variables()), *kept]))

    def load(self, sample: NDArray[np.floating[Any]]) -> State | None:
        """What `save` was given last, the model being as it was then; None if there is no such note.

        Parameters
        ----------
        sample : ndarray
            An input, shape (1, ...): it makes the variables that a first batch would make.
        """
        state = None if self.checkpoint is None else self.checkpoint.load()
        if state is None:
            return None
        self.model(sample)
        self.model.optimizer.build(self.model.trainable_variables)
        variables = self._variables()
        for variable, values in zip(variables, state.arrays, strict=False):
            variable.assign(values)
        return State(state.facts, state.arrays[len(variables) :])

    def remove(self) -> None:
        """Delete the notes."""
        if self.checkpoint is not None:
            self.checkpoint.remove()

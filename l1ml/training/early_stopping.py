"""When a training has had its best epoch, and what its weights were."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["EarlyStopping"]

Weights = list[NDArray[np.float32]]


class EarlyStopping:
    """Ends a training `patience` epochs after its smallest loss, counted from epoch `start` on (from 0).

    The loss is that of validation, or less of another figure that is to be large.

    Keras has one, whose state cannot be written down and taken up again.

    Examples
    --------
    >>> stopping = EarlyStopping(patience=2, start=1)
    >>> for epoch, loss in enumerate([0.1, 0.5, 0.4, 0.6, 0.7]):
    ...     stopping.after_epoch(epoch, loss, lambda: [])
    >>> stopping.is_over
    True
    """

    def __init__(self, patience: int, start: int) -> None:
        self._patience, self._start = patience, start
        self._best, self._wait = float("inf"), 0
        self.weights: Weights | None = None
        self.is_over = False

    def after_epoch(self, epoch: int, loss: float, weights: Callable[[], Weights]) -> None:
        """Compare the `loss` of `epoch` with the best so far; `weights` gives those of the model now."""
        if epoch < self._start:
            return
        if loss < self._best:
            self._best, self._wait, self.weights = loss, 0, weights()
            return
        self._wait += 1
        self.is_over = self._wait >= self._patience

    @property
    def facts(self) -> dict[str, Any]:
        """State without the weights, as JSON values."""
        found = self.weights is not None
        return {"best": self._best if found else None, "wait": self._wait, "is_over": self.is_over}

    def restore(self, facts: Mapping[str, Any], weights: Weights) -> None:
        """Take up an earlier state."""
        if facts["best"] is not None:
            self._best, self.weights = float(facts["best"]), weights
        self._wait, self.is_over = int(facts["wait"]), bool(facts["is_over"])

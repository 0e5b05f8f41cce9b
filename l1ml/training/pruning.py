"""Weights that are zero cost no logic: prune the smallest ones while the network trains.

Gradual magnitude pruning with the cubic schedule of Zhu and Gupta, arXiv:1710.01878, eq. 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from l1ml._optional import require

__all__ = ["Pruning", "sparsity_at"]


def sparsity_at(epoch: int, final: float, epochs: int) -> float:
    """Share of zeros after `epoch` (from 0) of a schedule that reaches `final` at `epochs`.

    Examples
    --------
    >>> [round(sparsity_at(epoch, 0.5, 4), 3) for epoch in range(5)]
    [0.289, 0.438, 0.492, 0.5, 0.5]
    """
    left = max(0.0, 1.0 - (epoch + 1) / max(epochs, 1))
    return float(final * (1.0 - left**3))


class Pruning:
    """Masks of all kernels, as Keras constraints that apply them; after each epoch they shrink."""

    def __init__(self, final: float, epochs: int) -> None:
        self._final, self._epochs = final, epochs
        self._names: list[str] = []
        self._masks: dict[str, Any] = {}

    def constraint(self, name: str) -> Any:
        """Constraint that keeps the pruned weights of the layer `name` at zero."""
        keras = require("keras")
        masks = self._masks
        self._names.append(name)

        class Mask(keras.constraints.Constraint):  # type: ignore[misc, name-defined]  # Keras has no type hints
            """Multiply by zero or one."""

            def __call__(self, weight: Any) -> Any:
                return weight * masks[name]

        return Mask()

    def begin(self, network: Any) -> None:
        """Make the masks of the kernels of `network`, all ones, before the first constraint is asked."""
        keras = require("keras")
        for name in self._names:
            ones = np.ones(network.get_layer(name).kernel.shape, np.float32)
            self._masks[name] = keras.Variable(ones, trainable=False, name=f"{name}_mask")

    @property
    def masks(self) -> list[Any]:
        """Zero or one for each weight of each kernel."""
        return list(self._masks.values())

    def after_epoch(self, network: Any, epoch: int) -> None:
        """Prune `network` after `epoch` (from 0) if the schedule is not over."""
        if epoch < self._epochs:
            self.prune(network, sparsity_at(epoch, self._final, self._epochs))

    def prune(self, network: Any, sparsity: float) -> None:
        """Set the smallest share `sparsity` of each kernel to zero and keep it there."""
        for name, mask in self._masks.items():
            kernel = network.get_layer(name).kernel
            values = np.asarray(kernel)
            order = np.argsort(np.abs(values), axis=None, kind="stable")
            keep = np.ones(values.size, np.float32)
            keep[order[: round(sparsity * values.size)]] = 0
            mask.assign(keep.reshape(values.shape))
            kernel.assign(values * keep.reshape(values.shape))

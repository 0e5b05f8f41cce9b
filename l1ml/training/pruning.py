"""Weights that are zero cost no logic: prune the smallest ones while the network trains.

Gradual magnitude pruning with the schedule of Zhu and Gupta, arXiv:1710.01878, eq. 1, of any power, or at a constant share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.errors import ConfigError, nearest

__all__ = ["SHAPES", "Pruning", "PruningSchedule"]

SHAPES = ("polynomial", "constant")
"""How the share of zeros goes from its beginning to its end."""


@dataclass(frozen=True, slots=True)
class PruningSchedule:
    """When weights are pruned, and how many, between the first epoch and the last one of the pruning.

    Parameters
    ----------
    shape : {"polynomial", "constant"}
        Whether the share of zeros rises from `initial` to the sparsity of the recipe, or is that from the beginning.
    begin : int
        Epochs that are trained before.
    frequency : int
        Epochs from one choice of the weights to the next; the last epoch of the pruning always chooses.
    initial : float
        Share at the beginning, in [0, 1).
    power : float
        Of the polynomial, positive; 3 is that of the publication, 1 a straight line. The larger, the sooner weights go.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    shape: str = "polynomial"
    begin: int = 0
    frequency: int = 1
    initial: float = 0.0
    power: float = 3.0

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            msg = f"there is no pruning schedule {self.shape!r}; {nearest(self.shape, SHAPES)}"
            raise ConfigError(msg)
        if self.begin < 0 or self.frequency < 1:
            msg = f"begin must be 0 or more and frequency 1 or more, received {self.begin} and {self.frequency}"
            raise ConfigError(msg)
        if not 0 <= self.initial < 1 or not self.power > 0:
            msg = f"initial must be in [0, 1) and power positive, received {self.initial} and {self.power}"
            raise ConfigError(msg)

    def check(self, final: float, end: int) -> None:
        """Refuse to prune to the share `final` by the epoch `end` (from one) if the schedule never does.

        Raises
        ------
        ConfigError
            If it begins too late, or begins above the end.
        """
        if self.begin and self.begin >= end:
            msg = f"pruning begins after {self.begin} epochs and ends with pruning_epochs = {end}: let it begin before"
            raise ConfigError(msg)
        if self.initial > final:
            msg = f"pruning begins with a share of {self.initial} and ends with sparsity = {final}: no weight comes back"
            raise ConfigError(msg)

    def sparsity_at(self, epoch: int, final: float, end: int) -> float | None:
        """Share of zeros that is made after `epoch` (from one) on the way to `final` at `end`; None where nothing is pruned.

        Examples
        --------
        >>> [round(PruningSchedule().sparsity_at(epoch, 0.5, 4) or 0.0, 3) for epoch in range(1, 6)]
        [0.289, 0.438, 0.492, 0.5, 0.0]
        >>> [PruningSchedule("constant", begin=1, frequency=2).sparsity_at(epoch, 0.5, 4) for epoch in range(1, 6)]
        [0.5, None, 0.5, 0.5, None]
        """
        since = epoch - self.begin
        if since < 0 or epoch > end or (since % self.frequency and epoch != end):
            return None
        if self.shape == "constant":
            return final
        left = 1.0 - since / (end - self.begin)
        return float(final + (self.initial - final) * left**self.power)


class Pruning:
    """Masks of all kernels, as Keras constraints that apply them; after each epoch they shrink.

    Parameters
    ----------
    final : float
        Share of zeros at the end.
    epochs : int
        The epoch, from one, with which it is reached.
    schedule : PruningSchedule
        The way there.
    """

    def __init__(self, final: float, epochs: int, schedule: PruningSchedule = PruningSchedule()) -> None:
        self._final, self._epochs, self._schedule = final, epochs, schedule
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
        """Prune `network` after `epoch` (from 0) if the schedule says so."""
        sparsity = self._schedule.sparsity_at(epoch + 1, self._final, self._epochs)
        if sparsity is not None:
            self.prune(network, sparsity)

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

"""Densities of one shape, trained in one go: each is asked with weights of its own, and the backend makes one graph of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from l1ml._optional import require

keras = require("keras")
ops = keras.ops

__all__ = ["MemberDensity"]


class MemberDensity(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """Several densities that share nothing but what they are trained on; its weights are theirs, with an axis of members first.

    Parameters
    ----------
    networks : sequence of keras.layers.Layer
        Of one shape; their losses must draw no random numbers, as those of flows do not: all members would have the same.
    """

    def __init__(self, networks: Sequence[Any]) -> None:
        super().__init__()
        self.members = len(networks)
        # behind a function, or Keras would count their weights among those of this layer
        self.networks: Callable[[], Sequence[Any]] = lambda: networks
        self.stacks = [self._stacked(group) for group in self._groups()]
        self.built = True

    def event_loss(self, z: Any, x: Any, importance: Any) -> Any:
        """That of each member, shape (n, members), as the importance of each event to each of them."""
        one = self.networks()[0]

        def loss(weights: Any) -> Any:
            with keras.StatelessScope(state_mapping=list(zip(one.trainable_variables, weights, strict=True))):
                return one.event_loss(z, x)

        return ops.transpose(ops.vectorized_map(loss, [ops.convert_to_tensor(stack) for stack in self.stacks])) * importance

    def parted(self) -> list[Any]:
        """The networks, with the weights that they have now."""
        for stack, group in zip(self.stacks, self._groups(), strict=True):
            for variable, values in zip(group, ops.convert_to_numpy(stack), strict=True):
                variable.assign(values)
        return list(self.networks())

    def _groups(self) -> list[tuple[Any, ...]]:
        """Each weight of all members."""
        return list(zip(*(one.trainable_variables for one in self.networks()), strict=True))

    def _stacked(self, group: Sequence[Any]) -> Any:
        """One weight of all members."""
        stack = self.add_weight(shape=(len(group), *group[0].shape), initializer="zeros", dtype="float32")
        stack.assign(np.stack([ops.convert_to_numpy(variable) for variable in group]))
        return stack

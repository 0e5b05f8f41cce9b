"""Sizes of an ensemble of networks, and its random start."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from offline.unfolding.ratio.layers import Layers

__all__ = ["Architecture"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """Networks side by side that read scaled quantities and, if there are `slots`, sets of objects.

    Parameters
    ----------
    dimension : int
        Number of quantities.
    hidden : tuple of int
        Units of the hidden layers; SiLU between the layers, one output for each member.
    members : int
        How many networks.
    slots : int
        Slots for objects.
    inputs : int
        Numbers that are read of an object.
    objects : tuple of int
        Units of the layers that see one object at a time, SiLU after each; the last ones are summed over the objects.
    """

    dimension: int
    hidden: tuple[int, ...]
    members: int
    slots: int = 0
    inputs: int = 0
    objects: tuple[int, ...] = ()

    @property
    def phi(self) -> list[tuple[int, int]]:
        """Inputs and outputs of each layer that sees one object."""
        return list(pairwise((self.inputs, *self.objects))) if self.slots else []

    @property
    def rest(self) -> list[tuple[int, int]]:
        """Inputs and outputs of each layer after the sum."""
        sums = self.objects[-1] if self.slots else 0
        return list(pairwise((self.dimension + sums, *self.hidden, 1)))

    @property
    def shapes(self) -> list[tuple[int, int, int]]:
        """Shape of the kernel of each layer."""
        return [(self.members, *pair) for pair in (*self.phi, *self.rest)]

    def initial(self, rng: np.random.Generator) -> Layers:
        """Random hidden layers with unit gain (LeCun), and a last one of zeros: the ensemble starts as a ratio of one."""
        layers = []
        ends = (0, len(self.phi))
        for index, (members, inputs, outputs) in enumerate(self.shapes):
            last = index == len(self.shapes) - 1
            kernel = rng.normal(0.0, 0.0 if last else inputs**-0.5, (members, inputs, outputs)).astype(np.float32)
            # SiLU halves what goes through it, and biases spread where the members bend
            bias = np.zeros((members, 1, outputs)) if last else rng.uniform(-1.0, 1.0, (members, 1, outputs))
            layers.append((kernel if index in ends else 1.7 * kernel, bias))
        return tuple((np.asarray(kernel, dtype=np.float32), bias.astype(np.float32)) for kernel, bias in layers)

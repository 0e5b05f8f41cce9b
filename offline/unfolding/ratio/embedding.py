"""The part of a network that sees objects: each by itself, then their sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.unfolding.objects import Objects
from offline.unfolding.ratio.layers import Layers, blocks_of, chain, forward, silu
from offline.unfolding.ratio.scaling import Scaling
from offline.unfolding.sample import FloatArray

__all__ = ["Embedding", "outputs_of"]


@dataclass(frozen=True, eq=False)
class Embedding:
    """Deep Sets (arXiv:1703.06114) as Particle Flow Networks (arXiv:1810.05165): F(columns, sum of Phi(object)).

    A sum has no order, and the slots without an object take no part in it.

    Parameters
    ----------
    names, angles : tuple of str
        Quantities of an object, as in `Objects`.
    scaling : Scaling
        Of those that are no angles; an angle becomes its cosine and sine, which a full turn does not change.
    number : float
        Mean number of objects; sums are divided by its root, so that they fluctuate by about one.
    depth : int
        How many of the first layers of a network are Phi.
    """

    names: tuple[str, ...]
    angles: tuple[str, ...]
    scaling: Scaling
    number: float
    depth: int

    @classmethod
    def of(cls, objects: Objects, weight: FloatArray, depth: int) -> Self:
        """Scales of the `objects` of events with the absolute `weight`, shape (n,).

        Raises
        ------
        DataError
            If there is none, or a quantity is constant.
        """
        share = np.abs(weight) / np.abs(weight).sum()
        number = float(share @ objects.count)
        if not number > 0:
            msg = f"none of {objects.n} events has an object: nothing to learn from sets; leave the objects out"
            raise DataError(msg)
        try:
            scaling = Scaling.of(_plain(objects), np.repeat(share, objects.count))
        except DataError as error:
            msg = f"objects with {list(objects.names)}, angles {list(objects.angles)} counted last: {error}"
            raise DataError(msg) from error
        return cls(objects.names, objects.angles, scaling, number, depth)

    @property
    def inputs(self) -> int:
        """Numbers that Phi reads of an object."""
        return len(self.names) + len(self.angles)

    def scaled(self, objects: Objects) -> Objects:
        """`objects` as Phi reads them: scaled, angles as cosine and sine, zero where there is none."""
        values = np.zeros((*objects.valid.shape, self.inputs), np.float32)
        there = objects.valid
        angles = [objects.column(name)[there] for name in self.angles]
        turned = [part(angle) for angle in angles for part in (np.cos, np.sin)]
        values[there] = np.column_stack([self.scaling(_plain(objects)), *turned])
        return Objects(values, there, tuple(f"input {index}" for index in range(self.inputs)))

    def sums(self, layers: Layers, scaled: Objects) -> NDArray[np.float32]:
        """Sum of Phi over the objects of each event, shape (members, n, outputs of Phi)."""
        phi = layers[: self.depth]
        kernel = phi[-1][0]
        sums = np.zeros((len(kernel), scaled.n, kernel.shape[2]), np.float32)
        count = scaled.count
        filled = np.flatnonzero(count)
        if filled.size:
            each = silu(chain(phi, scaled.values[scaled.valid].astype(np.float32)[None]))
            sums[:, filled] = np.add.reduceat(each, (np.cumsum(count) - count)[filled], axis=1)
        return sums * np.float32(self.number**-0.5)

    def forward(self, layers: Layers, columns: FloatArray, scaled: Objects) -> FloatArray:
        """Outputs of all members at scaled `columns`, shape (n, d), and `scaled` objects: an array of shape (n, members)."""
        found = []
        for rows in blocks_of(len(columns)):
            sums = self.sums(layers, scaled.select(rows))
            first = np.broadcast_to(columns[rows].astype(np.float32), (len(sums), *columns[rows].shape))
            found.append(chain(layers[self.depth :], np.concatenate([first, sums], axis=2))[..., 0].T)
        return np.concatenate(found).astype(np.float64)

    def flat(self, columns: FloatArray, scaled: Objects) -> NDArray[np.float32]:
        """One row of numbers an event, for a network in Keras: columns, then of each slot its inputs and its share in the sum."""
        share = np.where(scaled.valid, self.number**-0.5, 0.0)[:, :, None]
        slots = np.concatenate([scaled.values, share], axis=2, dtype=np.float32)
        return np.concatenate([columns, slots.reshape(scaled.n, -1)], axis=1, dtype=np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, for a checkpoint."""
        return {
            "object_names": np.array(self.names),
            "object_angles": np.array(self.angles, dtype=str),
            "object_mean": self.scaling.mean,
            "object_width": self.scaling.width,
            "object_constants": np.array([self.number, self.depth]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self | None:
        """What `arrays` were made from; none where there was none."""
        if "object_names" not in arrays:
            return None
        names, angles = (tuple(str(name) for name in arrays[f"object_{key}"]) for key in ("names", "angles"))
        number, depth = (float(value) for value in arrays["object_constants"])
        scaling = Scaling(np.asarray(arrays["object_mean"]), np.asarray(arrays["object_width"]))
        return cls(names, angles, scaling, number, int(depth))


def _plain(objects: Objects) -> FloatArray:
    """Quantities that are no angles, shape (objects, their number)."""
    return objects.values[objects.valid][:, [name not in objects.angles for name in objects.names]].astype(np.float64)


def outputs_of(layers: Layers, embedding: Embedding | None, columns: FloatArray, objects: Objects | None) -> FloatArray:
    """Outputs of all members at scaled columns, and objects where the networks have an `embedding`: shape (n, members)."""
    if embedding is None or objects is None:
        return forward(layers, columns)
    return embedding.forward(layers, columns, objects)

"""Energy and hits of each layer as continuous columns.

Columns are the logarithm of the response (energy of all layers over that of the particle), the logits of the shares of
`to_sticks`, and the square roots of the numbers of hits, each with a random fraction added. A layer is empty where its number of
hits is below one, and then its share means nothing: coding puts a random one there, as small as that of a single hit might be, so
that the columns are as smooth about "no hit" as they are about "one hit". The first layer with hits gets all that is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.calorimeter.transforms.logit import Logit
from offline.calorimeter.transforms.sticks import from_sticks, to_sticks

__all__ = ["LayerCode"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_LOGIT = Logit(1e-9)


@dataclass(frozen=True, slots=True)
class LayerCode:
    """How layers are coded.

    Parameters
    ----------
    capacity : tuple of int
        Voxels of each layer.
    hit_energy : float
        Energy that a layer with a single hit has, in the mean, MeV.
    threshold : float
        Smallest energy of a hit, MeV.
    """

    capacity: tuple[int, ...]
    hit_energy: float
    threshold: float

    @classmethod
    def of(cls, layers: FloatArray, hits: IntArray, capacity: Sequence[int], threshold: float) -> LayerCode:
        """Code of showers with the energies `layers`, MeV, and numbers `hits`, both of shape (n, n_layers).

        Raises
        ------
        DataError
            If a shower or a layer has no energy at all.
        """
        empty = np.flatnonzero(~(layers > 0).any(axis=1))
        if empty.size:
            msg = f"shower {empty[0]} has no energy in any voxel; {empty.size} are empty: leave them out, or lower the threshold"
            raise DataError(msg)
        dead = np.flatnonzero(~(layers > 0).any(axis=0))
        if dead.size:
            msg = f"layer {dead[0]} has no energy in any of {len(layers)} showers: nothing can be learnt of it; leave it out"
            raise DataError(msg)
        fewest = hits[hits > 0].min()
        return cls(tuple(int(n) for n in capacity), float(layers[hits == fewest].mean() / fewest), float(threshold))

    def forward(self, incident: FloatArray, layers: FloatArray, hits: IntArray, rng: np.random.Generator) -> FloatArray:
        """Columns, shape (n, 2 n_layers)."""
        total, share = to_sticks(layers)
        before = np.cumsum(layers, axis=1) - layers
        imagined = self.hit_energy * rng.exponential(size=layers.shape)
        # of an empty layer, a hit beside what there is before it; of the first one with hits, itself beside such a hit
        made = np.where(layers > 0, layers, imagined) / (
            np.where(layers > 0, layers, imagined) + np.where(before > 0, before, imagined)
        )
        free = (layers <= 0) | (before <= 0)
        logits = _LOGIT.forward(np.where(free[:, 1:], made[:, 1:], share))
        counts = np.sqrt(hits + rng.random(hits.shape))
        return np.concatenate([np.log(total / incident)[:, None], logits, counts], axis=1)

    def inverse(self, incident: FloatArray, columns: FloatArray) -> tuple[FloatArray, IntArray]:
        """Energies and hits of layers for any columns.

        Energies of a shower add up to what its first column says; there is at least one hit, never more of them than voxels or
        than the energy of the layer has for the threshold.
        """
        n_layers = len(self.capacity)
        roots = np.maximum(columns[:, n_layers:], 0.0)
        hits = np.minimum(np.floor(np.square(roots)).astype(np.int64), self.capacity)
        none = np.flatnonzero(~hits.any(axis=1))
        hits[none, roots[none].argmax(axis=1)] = 1
        total = np.maximum(incident * np.exp(columns[:, 0]), 1.001 * self.threshold)
        layers = from_sticks(total, self._shares(_LOGIT.inverse(columns[:, 1:n_layers]), hits))
        if self.threshold:
            layers, hits = self._above(total, layers, hits)
        return layers, hits

    def _shares(self, share: FloatArray, hits: IntArray) -> FloatArray:
        """Shares that give nothing to a layer without hits and all that is left to the first one with them."""
        full = np.concatenate([np.ones((len(share), 1)), share], axis=1)
        # a layer that has hits has energy
        full = np.where(hits > 0, np.maximum(full, 1e-12), 0.0)
        full[np.arange(len(full)), (hits > 0).argmax(axis=1)] = 1.0
        return full[:, 1:]

    def _above(self, total: FloatArray, layers: FloatArray, hits: IntArray) -> tuple[FloatArray, IntArray]:
        """The same without layers below the threshold, whose energy goes to the others, and hits that there is no energy for."""
        kept = np.where(layers > self.threshold, layers, 0.0)
        lost = np.flatnonzero(~kept.any(axis=1))
        kept[lost, layers[lost].argmax(axis=1)] = total[lost]
        kept *= (total / kept.sum(axis=1))[:, None]
        most = np.maximum(np.ceil(kept / self.threshold).astype(np.int64) - 1, 1)
        return kept, np.where(kept > 0, np.clip(hits, 1, most), 0)

"""Energy and hits of each layer as continuous columns.

Columns are the logarithm of the response (energy of all layers over that of the particle), the shares of `to_sticks` as normal
scores given the hits of the layer, and the square roots of the numbers of hits, each with a random fraction added. A layer is
empty where its number of hits is below one; then its share is nothing, and the first layer with hits gets all that is left. Such
shares have a random normal score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.calorimeter.transforms.logit import Logit
from offline.calorimeter.transforms.share_scores import ShareScores
from offline.calorimeter.transforms.sticks import from_sticks, to_sticks

__all__ = ["LayerCode"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_LOGIT = Logit(1e-9)


@dataclass(frozen=True, eq=False, slots=True)
class LayerCode:
    """How layers are coded.

    Parameters
    ----------
    capacity : tuple of int
        Voxels of each layer.
    threshold : float
        Smallest energy of a hit, MeV.
    shares : ShareScores
        Shares of the layers behind the first as scores.
    """

    capacity: tuple[int, ...]
    threshold: float
    shares: ShareScores

    @classmethod
    def of(
        cls, incident: FloatArray, layers: FloatArray, hits: IntArray, *, capacity: Sequence[int], threshold: float
    ) -> LayerCode:
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
        known = _known(layers)
        dead = np.flatnonzero(~(layers > 0).any(axis=0) | np.append(False, ~known.any(axis=0)))
        if dead.size:
            msg = f"layer {dead[0]} has no energy in any of {len(layers)} showers: nothing can be learnt of it; leave it out"
            raise DataError(msg)
        logits = _LOGIT.forward(to_sticks(layers)[1])
        shares = ShareScores.of(logits, hits[:, 1:], incident, known)
        return cls(tuple(int(n) for n in capacity), float(threshold), shares)

    def forward(self, incident: FloatArray, layers: FloatArray, hits: IntArray, rng: np.random.Generator) -> FloatArray:
        """Columns, shape (n, 2 n_layers)."""
        total, share = to_sticks(layers)
        scores = self.shares.forward(_LOGIT.forward(share), hits[:, 1:], incident)
        scores = np.where(_known(layers), scores, rng.standard_normal(scores.shape))
        counts = np.sqrt(hits + rng.random(hits.shape))
        return np.concatenate([np.log(total / incident)[:, None], scores, counts], axis=1)

    def ranges(self, columns: FloatArray, layers: FloatArray, hits: IntArray) -> tuple[FloatArray, FloatArray]:
        """Ends of the range that each of the `columns` stands for: hits, and the shares that say nothing."""
        n_layers = len(self.capacity)
        low, high = columns.copy(), columns.copy()
        unknown = np.zeros(columns.shape, bool)
        unknown[:, 1:n_layers] = ~_known(layers)
        low[unknown], high[unknown] = -np.inf, np.inf
        # no hit is any number below one, all voxels any above
        low[:, n_layers:] = np.where(hits > 0, np.sqrt(hits), -np.inf)
        high[:, n_layers:] = np.where(hits < self.capacity, np.sqrt(hits + 1), np.inf)
        return low, high

    def inverse(self, incident: FloatArray, columns: FloatArray) -> tuple[FloatArray, IntArray]:
        """Energies and hits of layers for any columns.

        Energies of a shower add up to what its first column says; there is at least one hit, never more of them than voxels or
        than the energy of the layer has for the threshold.
        """
        n_layers = len(self.capacity)
        roots = np.maximum(columns[:, n_layers:], 0.0)
        # the square of a root may fall a little short of a whole number
        hits = np.minimum(np.floor(np.square(roots) + 1e-9).astype(np.int64), self.capacity)
        none = np.flatnonzero(~hits.any(axis=1))
        hits[none, roots[none].argmax(axis=1)] = 1
        total = np.maximum(incident * np.exp(columns[:, 0]), 1.001 * self.threshold)
        logits = self.shares.inverse(columns[:, 1:n_layers], hits[:, 1:], incident)
        layers = from_sticks(total, self._shares(_LOGIT.inverse(logits), hits))
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


def _known(layers: FloatArray) -> NDArray[np.bool_]:
    """Where the share of a layer behind the first says something: it has energy, and so has one before it."""
    return (layers[:, 1:] > 0) & (np.cumsum(layers, axis=1)[:, :-1] > 0)

"""Energies and hits of layers, drawn: a flow on scores that are nearly standard normal already."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from offline.calorimeter.generators.dense import Dense
from offline.calorimeter.generators.kept_arrays import prefixed, under
from offline.calorimeter.transforms.layer_code import LayerCode
from offline.calorimeter.transforms.scores import Scores
from offline.calorimeter.transforms.share_scores import ShareScores

__all__ = ["LayerFlow", "flow_inputs"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_ORDERS = 4
"""Powers of the scaled ln E, and terms of the time, that the network sees."""


@dataclass(frozen=True, eq=False, slots=True)
class LayerFlow:
    """Conditional flow matching (arXiv:2210.02747) after the transforms of `LayerCode` and `Scores`.

    Parameters
    ----------
    code : LayerCode
        Layers as columns.
    scores : Scores
        Columns as scores.
    velocity : Dense, optional
        What the velocity of the scores is beyond that of a standard normal distribution; none where it found nothing.
    steps : int
        Of the integration, by Heun's rule of two evaluations each.
    """

    code: LayerCode
    scores: Scores
    velocity: Dense | None
    steps: int

    def draw(self, incident: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
        """Energies in MeV and hits of the layers of particles of the energies `incident`, each of shape (n, n_layers)."""
        scores = rng.standard_normal((len(incident), 2 * len(self.code.capacity)))
        if self.velocity is not None:
            scores = self._carried(scores, self._scaled(incident), self.velocity)
        return self.code.inverse(incident, self.scores.inverse(scores, incident))

    def _scaled(self, incident: FloatArray) -> FloatArray:
        return np.asarray((np.log(incident) - self.scores.scale[0]) / self.scores.scale[1])

    def _carried(self, scores: FloatArray, at: FloatArray, velocity: Dense) -> FloatArray:
        """Scores along the velocity from time 0 to 1."""
        step = 1.0 / self.steps

        def slope(values: FloatArray, time: float) -> FloatArray:
            normal = (2 * time - 1) / ((1 - time) ** 2 + time**2)
            return np.asarray(normal * values + velocity(flow_inputs(values, np.full(len(at), time), at)))

        here = slope(scores, 0.0)
        for index in range(self.steps):
            there = slope(scores + step * here, (index + 1) * step)
            scores = scores + 0.5 * step * (here + there)
            here = there if index + 1 < self.steps else here
        return scores

    def to_json(self) -> str:
        """Its numbers that are no arrays, as JSON."""
        return json.dumps({"capacity": list(self.code.capacity), "steps": self.steps})

    @classmethod
    def of_file(cls, numbers: str, threshold: float, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Of what `to_json` and `arrays` have given."""
        settings, velocity = json.loads(numbers), under("velocity/", arrays)
        return cls(
            code=LayerCode(tuple(settings["capacity"]), threshold, ShareScores(**under("shares/", arrays))),
            scores=Scores(**under("scores/", arrays)),
            velocity=Dense.from_arrays(velocity) if velocity else None,
            steps=int(settings["steps"]),
        )

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """What a file keeps of it."""
        kept = prefixed("scores/", self.scores.arrays()) | prefixed("shares/", self.code.shares.arrays())
        return kept if self.velocity is None else kept | prefixed("velocity/", self.velocity.arrays())


def flow_inputs(scores: NDArray[Any], time: FloatArray, at: FloatArray) -> NDArray[np.float32]:
    """What the network sees: scores, terms of the time, powers of the scaled logarithm of the energy."""
    terms = [np.vander(time, _ORDERS + 1, increasing=True)[:, 1:], np.vander(at, _ORDERS + 1, increasing=True)[:, 1:]]
    return np.concatenate([scores, *terms], axis=1, dtype=np.float32)

"""A generator in two stages: energies and hits of layers by a flow, then voxels by a diffusion or by flow matching."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.configuration import from_mapping
from offline.calorimeter.generators.diffusion.denoiser import Conditions, Denoiser
from offline.calorimeter.generators.diffusion.network_shape import NetworkShape
from offline.calorimeter.generators.diffusion.samplers import SAMPLERS, first_noise
from offline.calorimeter.generators.diffusion.schedules import noise_from
from offline.calorimeter.generators.diffusion.settings import Drawing
from offline.calorimeter.generators.diffusion.voxel_scores import VoxelScores
from offline.calorimeter.generators.generator import ShowerGenerator
from offline.calorimeter.generators.kept_arrays import prefixed, under
from offline.calorimeter.generators.layer_flow import LayerFlow
from offline.calorimeter.generators.layer_inputs import LayerInputs
from offline.calorimeter.geometry import CalorimeterGeometry

__all__ = ["Diffusion"]


@dataclass(frozen=True, eq=False, slots=True)
class Diffusion(ShowerGenerator):
    """A trained generator; see `offline.calorimeter.generators.diffusion.fit.fit_diffusion`.

    Energies and hits of layers come from the flow of a cascade, and all that voxels can do is to share them: energies are
    conserved by construction. Where in the layers they are comes from noise, from which the network takes a little away at each
    step.

    Parameters
    ----------
    geometry : CalorimeterGeometry
        Voxels, in layers that are all alike.
    threshold : float
        Smallest energy of a voxel that has any, MeV.
    energy_range : tuple of float
        Energies of the particles in the training, MeV.
    flow : LayerFlow
        First stage.
    inputs : LayerInputs
        Scaling of what the network is told of the layers.
    scores : VoxelScores
        Voxels as numbers.
    denoiser : Denoiser
        Second stage.
    drawing : Drawing
        How it draws.
    record : mapping
        How it was trained.
    """

    geometry: CalorimeterGeometry
    threshold: float
    energy_range: tuple[float, float]
    flow: LayerFlow
    inputs: LayerInputs
    scores: VoxelScores
    denoiser: Denoiser
    drawing: Drawing
    record: Mapping[str, Any] = field(default_factory=dict)

    kind: ClassVar[str] = "diffusion"

    def drawn_with(self, *, sampler: str | None = None, steps: int | None = None) -> Self:
        """The same, drawing with another sampler or number of steps; what is left out stays.

        Raises
        ------
        ConfigError
            If there is no such sampler, or it was distilled for another one.
        """
        return replace(self, drawing=self.drawing.changed(sampler, steps))

    def attributes(self) -> Mapping[str, Any]:
        """What a file keeps beside arrays."""
        denoiser = {"noise": self.denoiser.noise.numbers(), "shape": asdict(self.denoiser.shape)}
        return {
            "flow": self.flow.to_json(),
            "hit_energy": self.inputs.hit_energy,
            "least": self.scores.least,
            "denoiser": json.dumps(denoiser),
            "drawing": json.dumps(asdict(self.drawing)),
        }

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """What a file keeps."""
        return {
            **prefixed("flow/", self.flow.arrays()),
            **prefixed("inputs/", {"mean": self.inputs.mean, "width": self.inputs.width}),
            **prefixed("scores/", self.scores.arrays()),
            **{f"network/{at:03}": part for at, part in enumerate(self.denoiser.weights)},
        }

    @classmethod
    def of_file(cls, geometry: CalorimeterGeometry, attributes: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The generator of what a file has kept."""
        kept, weights = json.loads(attributes["denoiser"]), under("network/", arrays)
        noise = noise_from(kept["noise"].pop("name"), kept["noise"])
        shape = from_mapping(NetworkShape, kept["shape"], "the network")
        low, high = attributes["energy_range"]
        return cls(
            geometry,
            attributes["threshold"],
            (low, high),
            LayerFlow.of_file(attributes["flow"], attributes["threshold"], under("flow/", arrays)),
            LayerInputs(attributes["hit_energy"], **under("inputs/", arrays)),
            VoxelScores(geometry, attributes["least"], **under("scores/", arrays)),
            Denoiser(shape, noise, tuple(weights[name] for name in sorted(weights))),
            from_mapping(Drawing, json.loads(attributes["drawing"]), "the drawing"),
            attributes["record"],
        )

    def _voxels(self, incident: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float32]:
        layers, hits = self.flow.draw(incident, rng)
        scaled, noise = self.inputs(incident, layers, hits), self.denoiser.noise
        denoise = self.denoiser.given(Conditions.of(scaled, self.geometry.n_layers))
        x = first_noise(noise, (len(incident), *self.geometry.grid), rng)
        drawn = SAMPLERS[self.drawing.sampler](denoise, noise, noise.times(self.drawing.steps), x, rng)
        return self.scores.inverse(scaled, layers, hits, drawn.reshape(len(drawn), -1), self.threshold)

"""A generator in two stages: energies and hits of layers by a flow, then voxels by their likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from offline.calorimeter.generators.generator import ShowerGenerator
from offline.calorimeter.generators.kept_arrays import prefixed, under
from offline.calorimeter.generators.layer_flow import LayerFlow
from offline.calorimeter.generators.lean import Lean
from offline.calorimeter.generators.voxel_draw import RingLaw, draw_voxels
from offline.calorimeter.geometry import CalorimeterGeometry

__all__ = ["Cascade"]


@dataclass(frozen=True, eq=False, slots=True)
class Cascade(ShowerGenerator):
    """A trained generator; see `offline.calorimeter.generators.cascade_fit.fit_cascade`.

    Energies and hits of layers come from conditional flow matching. Given these, voxels are drawn from distributions whose
    numbers a network gives ring by ring: voxels of a layer know of one another by what their layer has in all and by how the
    shower leans, and there are no other clusters within a layer. Showers of the parametrised simulator have only the former.

    Parameters
    ----------
    geometry : CalorimeterGeometry
        Voxels.
    threshold : float
        Smallest energy of a voxel that has any, MeV.
    energy_range : tuple of float
        Energies of the particles in the training, MeV.
    flow : LayerFlow
        First stage.
    law : RingLaw
        Second stage.
    record : mapping
        How it was trained.
    lean : Lean, optional
        How energies are larger on one side; there are showers of which they are not.
    """

    geometry: CalorimeterGeometry
    threshold: float
    energy_range: tuple[float, float]
    flow: LayerFlow
    law: RingLaw
    record: Mapping[str, Any] = field(default_factory=dict)
    lean: Lean | None = None

    kind: ClassVar[str] = "cascade"

    def attributes(self) -> Mapping[str, Any]:
        """What a file keeps beside arrays."""
        return {"flow": self.flow.to_json(), "hit_energy": self.law.inputs.hit_energy}

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """What a file keeps."""
        lean = {} if self.lean is None else prefixed("lean/", self.lean.arrays())
        return {**prefixed("flow/", self.flow.arrays()), **prefixed("law/", self.law.arrays()), **lean}

    @classmethod
    def of_file(cls, geometry: CalorimeterGeometry, attributes: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The generator of what a file has kept."""
        threshold = attributes["threshold"]
        flow = LayerFlow.of_file(attributes["flow"], threshold, under("flow/", arrays))
        law = RingLaw.from_arrays(geometry, attributes["hit_energy"], under("law/", arrays))
        low, high = attributes["energy_range"]
        lean = under("lean/", arrays)
        return cls(geometry, threshold, (low, high), flow, law, attributes["record"], Lean(**lean) if lean else None)

    def _voxels(self, incident: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float32]:
        layers, hits = self.flow.draw(incident, rng)
        table = self.law.table(incident, layers, hits)
        lean = None if self.lean is None else self.lean.draw(incident, rng)
        return draw_voxels(self.geometry, layers, hits, table, threshold=self.threshold, rng=rng, lean=lean)

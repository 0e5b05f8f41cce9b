"""Where layers begin and end along the particle, for simulations, which need to know."""

from __future__ import annotations

from itertools import pairwise

from l1ml.errors import ConfigError
from offline.calorimeter.geometry import CalorimeterGeometry

__all__ = ["walls_of"]


def walls_of(geometry: CalorimeterGeometry) -> list[tuple[float, float]]:
    """Front and back of each layer, mm.

    Raises
    ------
    ConfigError
        If a layer has no place along the particle, or they do not follow one another.
    """
    walls = [(layer.z_edges[0], layer.z_edges[1]) for layer in geometry.layers if layer.z_edges is not None]
    if len(walls) < geometry.n_layers or any(back[0] < front[1] for front, back in pairwise(walls)):
        msg = "a simulation needs layers that follow one another and say where they begin and end: z_edges of each"
        raise ConfigError(msg)
    return walls

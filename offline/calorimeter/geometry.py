"""Voxels of a calorimeter: layers of rings and sectors around the direction of the particle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError
from l1ml.storage import digest_of

__all__ = ["CalorimeterGeometry", "Layer", "Voxels"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: `n_r` rings, each of `n_alpha` equal sectors.

    Parameters
    ----------
    id : int
        Number of the layer in the detector; numbers may be left out.
    r_edges : tuple of float
        Edges of the rings in mm, rising from 0 or more.
    n_alpha : int
        Sectors of each ring, from -pi to pi.
    z_edges : tuple of float, optional
        Front and back in mm along the direction of the particle, where they are known.

    Raises
    ------
    ConfigError
        If edges do not rise, or a number is not one.
    """

    id: int
    r_edges: tuple[float, ...]
    n_alpha: int
    z_edges: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.id < 0 or self.n_alpha < 1:
            msg = f"layer {self.id} of {self.n_alpha} sectors: numbers of layers start at 0, and there is at least one sector"
            raise ConfigError(msg)
        if len(self.r_edges) < 2 or self.r_edges[0] < 0 or not _rise(self.r_edges):
            msg = f"layer {self.id} needs two or more rising edges of rings from 0 mm or more, received {list(self.r_edges)}"
            raise ConfigError(msg)
        if self.z_edges is not None and (len(self.z_edges) != 2 or not _rise(self.z_edges)):
            msg = f"layer {self.id} has a front and a back behind it, in mm, received {list(self.z_edges)}"
            raise ConfigError(msg)

    @property
    def n_r(self) -> int:
        """Number of rings."""
        return len(self.r_edges) - 1

    @property
    def n_voxels(self) -> int:
        """Number of voxels."""
        return self.n_r * self.n_alpha


@dataclass(frozen=True, eq=False, slots=True)
class Voxels:
    """Where each voxel is; all of shape (n_voxels,), in the order of the columns of `Showers.energies`.

    Parameters
    ----------
    layer : ndarray of int64
        Index into `CalorimeterGeometry.layers`, which is not the id where ids are left out.
    ring : ndarray of int64
        Index of the ring among all rings of all layers.
    sector : ndarray of int64
        Index of the sector in its ring.
    r : ndarray of float64
        Middle of the ring, mm.
    alpha : ndarray of float64
        Middle of the sector, rad.
    x, y : ndarray of float64
        Centre, mm; 0 for the undivided ring. The challenge calls them eta and phi.
    z : ndarray of float64
        Middle of the layer, mm; NaN where it is not known.
    """

    layer: NDArray[np.int64]
    ring: NDArray[np.int64]
    sector: NDArray[np.int64]
    r: NDArray[np.float64]
    alpha: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CalorimeterGeometry:
    """Layers of voxels. Voxels are counted as in the CaloChallenge (arXiv:2410.21611): radius fastest, then alpha, then layer.

    Two geometries of the same layers are equal, and so are their digests.

    Parameters
    ----------
    layers : tuple of Layer
        From front to back, with rising ids.

    Raises
    ------
    ConfigError
        If there is no layer or ids do not rise.

    Examples
    --------
    >>> geometry = CalorimeterGeometry((Layer(0, (0.0, 5.0, 10.0), 1), Layer(12, (0.0, 4.0, 8.0, 12.0), 10)))
    >>> geometry.n_voxels, geometry.voxel_slices, geometry.is_regular
    (32, (slice(0, 2, None), slice(2, 32, None)), False)
    """

    layers: tuple[Layer, ...]
    voxel_slices: tuple[slice, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ids = [layer.id for layer in self.layers]
        if not ids or not _rise(ids):
            msg = f"a geometry has one or more layers with rising ids, received the ids {ids}"
            raise ConfigError(msg)
        ends = np.cumsum([layer.n_voxels for layer in self.layers]).tolist()
        slices = tuple(slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True))
        object.__setattr__(self, "voxel_slices", slices)

    @classmethod
    def regular(cls, n_layers: int, n_alpha: int, r_edges: Sequence[float], *, z_edges: Sequence[float] | None = None) -> Self:
        """The same voxels in each of `n_layers` layers; `z_edges`, in mm, are one more than them.

        Raises
        ------
        ConfigError
            If the number of edges is another one.
        """
        if z_edges is not None and len(z_edges) != n_layers + 1:
            msg = f"{n_layers} layers have {n_layers + 1} edges in z, received {len(z_edges)}"
            raise ConfigError(msg)
        rings = tuple(float(edge) for edge in r_edges)
        walls = None if z_edges is None else [float(edge) for edge in z_edges]
        return cls(
            tuple(Layer(at, rings, n_alpha, None if walls is None else (walls[at], walls[at + 1])) for at in range(n_layers))
        )

    @property
    def n_layers(self) -> int:
        """Number of layers that have voxels."""
        return len(self.layers)

    @property
    def n_voxels(self) -> int:
        """Number of voxels."""
        return int(self.voxel_slices[-1].stop)

    @property
    def is_regular(self) -> bool:
        """Whether all layers have the same number of rings and sectors: then showers reshape to `grid`."""
        return len({(layer.n_alpha, layer.n_r) for layer in self.layers}) == 1

    @property
    def grid(self) -> tuple[int, int, int]:
        """Layers, sectors and rings of a regular geometry.

        Raises
        ------
        ConfigError
            If it is irregular.
        """
        if not self.is_regular:
            msg = "layers of this geometry have different rings or sectors: showers have no common grid"
            raise ConfigError(msg)
        return self.n_layers, self.layers[0].n_alpha, self.layers[0].n_r

    @property
    def voxels(self) -> Voxels:
        """Where each voxel is; the arrays are shared and cannot be written to."""
        return _voxels_of(self)

    @property
    def digest(self) -> str:
        """SHA-256 of the layers: what a file of showers or of a generator names its geometry by."""
        return digest_of(self.to_dict())

    def without_depths(self) -> Self:
        """The same voxels at places along the particle that are not known, as binning files have them."""
        return type(self)(tuple(replace(layer, z_edges=None) for layer in self.layers))

    def to_dict(self) -> dict[str, Any]:
        """Layers as JSON has them."""
        return {"layers": [asdict(layer) for layer in self.layers]}

    @classmethod
    def from_dict(cls, content: Any) -> Self:
        """Geometry of a `to_dict`.

        Raises
        ------
        ConfigError
            If it is none.
        """
        if not isinstance(content, dict) or set(content) != {"layers"} or not isinstance(content["layers"], list):
            msg = "a geometry is a table with a list of layers"
            raise ConfigError(msg)
        return cls(tuple(from_mapping(Layer, layer, f"layers[{at}]") for at, layer in enumerate(content["layers"])))


def _rise(values: Sequence[float]) -> bool:
    """Whether all are finite and each is above the one before."""
    return bool(np.isfinite(values).all() and (np.diff(values) > 0).all())


@lru_cache(maxsize=16)
def _voxels_of(geometry: CalorimeterGeometry) -> Voxels:
    columns: dict[str, list[NDArray[Any]]] = {name: [] for name in Voxels.__slots__}
    rings = 0
    for at, layer in enumerate(geometry.layers):
        sector, ring = np.divmod(np.arange(layer.n_voxels), layer.n_r)
        edges, walls = np.array(layer.r_edges), np.linspace(-np.pi, np.pi, layer.n_alpha + 1)
        r, alpha = (0.5 * (edges[1:] + edges[:-1]))[ring], (0.5 * (walls[1:] + walls[:-1]))[sector]
        # the energy of an undivided ring says nothing about a direction: its centre is that of the layer
        reach = np.zeros_like(r) if layer.n_alpha == 1 else r
        z = np.full(layer.n_voxels, np.nan if layer.z_edges is None else np.mean(layer.z_edges))
        values = (np.full(layer.n_voxels, at), rings + ring, sector, r, alpha, reach * np.cos(alpha), reach * np.sin(alpha), z)
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
        rings += layer.n_r
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    for array in joined.values():
        array.setflags(write=False)
    return Voxels(**joined)

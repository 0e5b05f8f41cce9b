"""Voxels of a calorimeter: the binning XML of the CaloChallenge as a value.

``<Bins>`` holds one ``<Bin>`` per particle (``pid`` and ``name``; data set 1 also ``etaMin`` and ``etaMax`` in units of 0.01, as
in the public file), and this one ``<Layer>`` per calorimeter layer: ``id``, ``r_edges`` in mm, and ``n_bin_alpha`` bins in the
angle around the axis, all of equal width. A layer with one edge only is not read out and has no voxels.

A shower lists its voxels layer by layer; within a layer the angle is the outer and the radius the inner index (public code of
the challenge reshapes a layer to (n_alpha, n_r)). The XML has no energy threshold: that is a property of each data set.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from l1ml.errors import DataError, SchemaError

__all__ = ["LayerBinning", "ShowerBinning", "read_binning"]

_MOST_BYTES = 1 << 20
_MOST_BINS = 1 << 16


@dataclass(frozen=True, slots=True)
class LayerBinning:
    """One layer.

    Parameters
    ----------
    id : int
        Number of the layer in the detector.
    r_edges : tuple of float
        Edges in the distance from the axis, mm, rising.
    n_alpha : int
        Bins in the angle around the axis.
    """

    id: int
    r_edges: tuple[float, ...]
    n_alpha: int

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in pairwise(self.r_edges)) and all(map(isfinite, self.r_edges))
        if not self.r_edges or not rising or self.r_edges[0] < 0 or not 1 <= self.n_alpha <= _MOST_BINS:
            msg = f"layer {self.id}: r_edges must rise from 0 or more and n_bin_alpha be 1 to {_MOST_BINS}, received {self}"
            raise DataError(msg)

    @property
    def shape(self) -> tuple[int, int]:
        """Bins in angle and in radius."""
        return self.n_alpha, len(self.r_edges) - 1

    @property
    def n_voxels(self) -> int:
        """Number of voxels; 0 for a layer that is not read out."""
        return self.n_alpha * (len(self.r_edges) - 1)


@dataclass(frozen=True)
class ShowerBinning:
    """The voxels of showers of one particle.

    Parameters
    ----------
    particle : str
        Such as "photon".
    pid : int
        PDG number of it.
    layers : tuple of LayerBinning
        In the order of the voxels of a shower.
    eta_range : tuple of float or None
        As the file states it, if it does.
    """

    particle: str
    pid: int
    layers: tuple[LayerBinning, ...]
    eta_range: tuple[float, float] | None = None

    @cached_property
    def n_voxels(self) -> int:
        """Voxels of a shower."""
        return sum(layer.n_voxels for layer in self.layers)

    @cached_property
    def edges(self) -> tuple[int, ...]:
        """First voxel of each layer, and the number of all voxels at the end."""
        sums = [0]
        for layer in self.layers:
            sums.append(sums[-1] + layer.n_voxels)
        return tuple(sums)

    def check_voxels(self, n_voxels: int, what: str) -> None:
        """Refuse showers of another number of voxels.

        Raises
        ------
        SchemaError
            If `what` has not as many voxels as this binning.
        """
        if n_voxels != self.n_voxels:
            msg = f"{what} has {n_voxels} voxels, the binning of {self.particle} has {self.n_voxels}: they do not belong together"
            raise SchemaError(msg)

    def layer_energies(self, showers: NDArray[Any]) -> dict[int, NDArray[Any]]:
        """Views of `showers`, shape (n, n_voxels), by the id of each layer that is read out, shape (n, n_alpha, n_r)."""
        self.check_voxels(showers.shape[1], "the array")
        return {
            layer.id: showers[:, first:end].reshape(-1, *layer.shape)
            for layer, (first, end) in zip(self.layers, pairwise(self.edges), strict=True)
            if layer.n_voxels
        }


def read_binning(path: Path, particle: str | None = None) -> ShowerBinning:
    """Binning of `particle` in the XML file `path`; of the only one there is if `particle` is None.

    Raises
    ------
    DataError
        If the file is missing, no XML, or a layer makes no sense.
    SchemaError
        If it is no binning, or has not that particle.
    """
    bins = _root(path).findall("Bin")
    names = [item.get("name", "") for item in bins]
    chosen = [item for item in bins if particle in {None, item.get("name")}]
    if len(chosen) != 1:
        msg = f"{path} has the particles {', '.join(names) or 'none'}; asked for {particle or 'the only one'}"
        raise SchemaError(msg)
    try:
        return _binning(chosen[0])
    except (KeyError, ValueError) as error:
        msg = f"{path}, particle {chosen[0].get('name')!r}: not a binning of showers ({error})"
        raise DataError(msg) from error


def _root(path: Path) -> ET.Element:
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise DataError(msg) from error
    # no document type: entities of XML can make a small file large
    if len(content) > _MOST_BYTES or b"<!DOCTYPE" in content:
        msg = f"{path} is no binning: larger than {_MOST_BYTES >> 20} MiB, or it has a document type"
        raise DataError(msg)
    try:
        root = ET.fromstring(content)
    except (ET.ParseError, ValueError, LookupError) as error:
        msg = f"{path} is truncated, damaged or not XML ({error})"
        raise DataError(msg) from error
    if root.tag != "Bins":
        msg = f"{path} is no binning of showers: its root is <{root.tag}>, expected <Bins>"
        raise SchemaError(msg)
    return root


def _binning(item: ET.Element) -> ShowerBinning:
    layers = tuple(_layer(layer) for layer in item.findall("Layer"))
    ids = [layer.id for layer in layers]
    if not layers or len(set(ids)) != len(ids):
        msg = f"needs layers with different ids, has {ids}"
        raise ValueError(msg)
    eta = (float(item.attrib["etaMin"]), float(item.attrib["etaMax"])) if "etaMin" in item.attrib else None
    return ShowerBinning(item.attrib["name"], int(item.attrib["pid"]), layers, eta)


def _layer(item: ET.Element) -> LayerBinning:
    edges = tuple(float(edge) for edge in item.attrib["r_edges"].split(","))
    return LayerBinning(int(item.attrib["id"]), edges, int(item.attrib["n_bin_alpha"]))

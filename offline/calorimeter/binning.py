"""Binning files of the CaloChallenge (arXiv:2410.21611): XML that lists the rings and sectors of each layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from l1ml.errors import ConfigError, DataError
from l1ml.storage import write_text
from offline.calorimeter.geometry import CalorimeterGeometry, Layer

__all__ = ["Binning", "read_binning", "write_binning"]


@dataclass(frozen=True, slots=True)
class Binning:
    """Geometry of one particle in a binning file.

    Parameters
    ----------
    geometry : CalorimeterGeometry
        Layers with voxels; the file has no places along the particle.
    particle : str
        Name, as ``photon``.
    pid : int
        Number of the particle in the file.
    listed : int
        Layers that the file lists, with those that have no voxels: one more than the highest id at least.
    eta : tuple of str, optional
        Lower and upper end of the range in eta, as they are written.

    Raises
    ------
    ConfigError
        If there are more layers than are listed.
    """

    geometry: CalorimeterGeometry
    particle: str
    pid: int
    listed: int
    eta: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if self.listed <= self.geometry.layers[-1].id:
            msg = f"the layer {self.geometry.layers[-1].id} is not among the {self.listed} that are listed from 0"
            raise ConfigError(msg)


def read_binning(path: Path) -> tuple[Binning, ...]:
    """Binnings of all particles in the file `path`; those of the challenge hold one.

    Raises
    ------
    DataError
        If the file is missing, is not such XML, or describes no geometry.
    """
    try:
        root = ET.fromstring(path.read_bytes())
        particles = tuple(_binning(element) for element in root.findall("Bin"))
    except FileNotFoundError:
        msg = f"{path} does not exist; give a binning file of the CaloChallenge"
        raise DataError(msg) from None
    except (ET.ParseError, KeyError, ValueError) as error:
        reason = f"attribute {error} is missing" if isinstance(error, KeyError) else error
        msg = f"{path} is not a binning file: {reason}"
        raise DataError(msg) from error
    if not particles:
        msg = f"{path} is not a binning file: it has no element Bin"
        raise DataError(msg)
    return particles


def _binning(element: ET.Element) -> Binning:
    attributes = element.attrib
    listed = element.findall("Layer")
    ids = [int(layer.attrib["id"]) for layer in listed]
    if ids != list(range(len(ids))):
        msg = f"layers are numbered from 0, received {ids}"
        raise ConfigError(msg)
    layers = [_layer(layer.attrib["id"], layer.attrib["r_edges"], layer.attrib["n_bin_alpha"]) for layer in listed]
    eta = (attributes["etaMin"], attributes["etaMax"]) if "etaMin" in attributes else None
    geometry = CalorimeterGeometry(tuple(layer for layer in layers if layer is not None))
    return Binning(geometry, attributes["name"], int(attributes["pid"]), len(ids), eta)


def _layer(number: str, edges: str, n_alpha: str) -> Layer | None:
    """The layer, or none: a single edge stands for a layer without voxels."""
    rings = tuple(float(edge) for edge in edges.split(","))
    return Layer(int(number), rings, int(n_alpha)) if len(rings) > 1 else None


def write_binning(path: Path, binnings: Sequence[Binning]) -> None:
    """Write `binnings`, whole or not at all; places along the particle are left out, as the format has none."""
    root = ET.Element("Bins")
    for binning in binnings:
        _write(root, binning)
    ET.indent(root, "   ")
    write_text(path, ET.tostring(root, encoding="unicode") + "\n")


def _write(root: ET.Element, binning: Binning) -> None:
    eta = {} if binning.eta is None else {"etaMin": binning.eta[0], "etaMax": binning.eta[1]}
    parent = ET.SubElement(root, "Bin", {"pid": str(binning.pid), **eta, "name": binning.particle})
    layers = {layer.id: layer for layer in binning.geometry.layers}
    for number in range(binning.listed):
        layer = layers.get(number)
        edges = "0" if layer is None else ",".join(_shortest(edge) for edge in layer.r_edges)
        sectors = 1 if layer is None else layer.n_alpha
        ET.SubElement(parent, "Layer", {"id": str(number), "r_edges": edges, "n_bin_alpha": str(sectors)})


def _shortest(value: float) -> str:
    """The number as a person writes it, without losing a bit: 5, not 5.0."""
    return str(int(value)) if value.is_integer() else repr(value)

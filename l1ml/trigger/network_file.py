"""networks.toml: where the networks are that a menu cuts on.

One table for each name in the menu, paths from the folder of the file::

    [v4]
    published = "AXOL1TL"            # a folder of hls4ml's C++, as other groups publish it
    model = "models/axo"             # or the folder of a model, or the file of its network
    top = "GTADModel_v4"             # where the folder holds several networks
    digest = "0b7c..."               # optional: refuse any other sources
    pt = "half_truncated"            # or "half", "word"
    muon_phi = "stations"            # or "vertex"
    objects = [{ name = "etm", slots = 1 }, ...]   # as AXOL1TL if it is not there
    labels = ["b", "c", "light"]     # what menus call its outputs: { kind = "score", minimum = 300, output = "b" }
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from l1ml.configuration import from_mapping, read_toml
from l1ml.emulation.portable import read_network
from l1ml.emulation.published import PublishedNetwork
from l1ml.errors import ConfigError
from l1ml.trigger.networks import BoundNetwork, MuonPhi, NetworkInputs, PtUnit

__all__ = ["read_networks"]


@dataclass(frozen=True, slots=True)
class _Objects:
    """How many objects of a collection a network reads."""

    name: str
    slots: int


@dataclass(frozen=True, slots=True)
class _Table:
    """Keys of one network."""

    published: str = ""
    model: str = ""
    top: str = ""
    emulator: str = ""
    output: int | None = None
    build_folder: str = ""
    digest: str = ""
    pt: str = ""
    muon_phi: str = "vertex"
    objects: tuple[_Objects, ...] = ()
    labels: tuple[str, ...] = ()


def read_networks(path: Path) -> dict[str, BoundNetwork]:
    """Networks by the name that menus call them, from the TOML file at `path`; published ones are compiled if need be.

    Raises
    ------
    ConfigError
        If the file is missing, is not TOML or has an unknown key; if a network names neither or both of `published` and
        `model`, has another digest than stated, or another number of inputs.
    DataError, ConversionError, ToolNotFoundError
        As `PublishedNetwork` and `read_network`.
    """
    tables = read_toml(path)
    if not tables:
        msg = f"{path} binds no network; write a table for each, such as [v4]"
        raise ConfigError(msg)
    return {name: _network(table, path.parent, f"{path}.{name}") for name, table in tables.items()}


def _network(content: Any, folder: Path, where: str) -> BoundNetwork:
    if not isinstance(content, Mapping):
        msg = f"{where} must be a table, received {content!r}"
        raise ConfigError(msg)
    table = from_mapping(_Table, content, where)
    if bool(table.published) == bool(table.model):
        msg = f"{where} needs either 'published' or 'model', received {table.published!r} and {table.model!r}"
        raise ConfigError(msg)
    try:
        network = _published(table, folder) if table.published else _model(table, folder)
    except ConfigError as error:
        msg = f"{where}: {error}"
        raise ConfigError(msg) from error
    if table.digest and not network.digest.startswith(table.digest):
        msg = f"{where} asks for digest {table.digest[:12]}, the sources there have {network.digest[:12]}"
        raise ConfigError(msg)
    return network


def _published(table: _Table, folder: Path) -> BoundNetwork:
    emulator = PublishedNetwork(
        folder / table.published,
        build_folder=folder / table.build_folder if table.build_folder else None,
        top=table.top or None,
        emulator=table.emulator or None,
        output=table.output,
    )
    return BoundNetwork(emulator, emulator.digest, _inputs(table, NetworkInputs()), table.labels)


def _model(table: _Table, folder: Path) -> BoundNetwork:
    """A model of this toolkit, or the file of its network, reads the words of its schema as they are."""
    network = read_network(folder / table.model)
    return BoundNetwork(network.emulator, network.digest, _inputs(table, NetworkInputs.of_level1()), table.labels)


def _inputs(table: _Table, default: NetworkInputs) -> NetworkInputs:
    objects = tuple((item.name, item.slots) for item in table.objects)
    pt, angles = cast("PtUnit", table.pt or default.pt), cast("MuonPhi", table.muon_phi)
    return NetworkInputs(objects or default.objects, pt, angles)

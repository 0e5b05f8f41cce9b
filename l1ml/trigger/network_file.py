"""networks.toml: where the networks are that a menu cuts on.

One table for each name in the menu, paths from the folder of the file::

    [v4]
    published = "AXOL1TL"            # a folder of hls4ml's C++, as other groups publish it
    model = "models/axo"             # or the folder of a model, or the file of its network
    top = "GTADModel_v4"             # where the folder holds several networks
    digest = "0b7c41..."             # optional, 6 digits or more: refuse any other sources
    pt = "half_truncated"            # or "half", "word"
    muon_phi = "stations"            # or "vertex"
    objects = [{ name = "etm", slots = 1 }, ...]   # as AXOL1TL if it is not there
    labels = ["b", "c", "light"]     # what menus call its outputs: { kind = "score", minimum = 300, output = "b" }

    [tagger]                         # runs once for each jet: JET40[JET-MODEL_tagger, JET-SCORE_b300]
    model = "models/jet_tagger"
    collection = "jet"               # or "muon", "egamma", "tau"
    fields = ["pt", "mass", "width"] # words of the object that it reads, in order
    labels = ["b", "c", "light"]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

from l1ml.configuration import from_mapping, read_toml
from l1ml.emulation.portable import read_network
from l1ml.errors import ConfigError
from l1ml.trigger.networks import BoundNetwork, MuonPhi, NetworkInputs, PtUnit
from l1ml.trigger.object_networks import ObjectInputs

__all__ = ["read_networks"]

_PUBLISHED_ONLY = ("top", "emulator", "output", "build_folder")
_SHORTEST_DIGEST = 6
"""Digits of a digest that pins a network."""


@dataclass(frozen=True, slots=True)
class _Objects:
    """How many objects of a collection a network reads."""

    name: str
    slots: int


@dataclass(frozen=True, slots=True)
class _Table:
    """Keys of one network."""

    published: str | None = None
    model: str | None = None
    top: str | None = None
    emulator: str | None = None
    output: int | None = None
    build_folder: str | None = None
    digest: str | None = None
    pt: str | None = None
    muon_phi: str = "vertex"
    objects: tuple[_Objects, ...] | None = None
    labels: tuple[str, ...] = ()
    collection: str | None = None
    fields: tuple[str, ...] | None = None


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
    _check(table, where)
    try:
        network = _model(table, folder) if table.published is None else _published(table, folder)
    except ConfigError as error:
        msg = f"{where}: {error}"
        raise ConfigError(msg) from error
    if table.digest is not None and not network.digest.startswith(table.digest):
        msg = f"{where} asks for digest {table.digest[:12]}, the sources there have {network.digest[:12]}"
        raise ConfigError(msg)
    return network


def _check(table: _Table, where: str) -> None:
    """Refuse what would be read over: two sources or none, keys that a model has no use for, texts that say nothing."""
    if (table.published is None) == (table.model is None):
        msg = f"{where} needs either 'published' or 'model', received {table.published!r} and {table.model!r}"
        raise ConfigError(msg)
    of_objects = table.collection is not None
    if of_objects != (table.fields is not None):
        msg = f"{where} needs both of 'collection' and 'fields', the words of each object that it reads, or none of them"
        raise ConfigError(msg)
    of_crossings = [name for name in ("pt", "objects") if getattr(table, name) is not None]
    if of_objects and (of_crossings or table.muon_phi != "vertex"):
        msg = f"{where}.{(*of_crossings, 'muon_phi')[0]} is of networks that read crossings, 'collection' of others"
        raise ConfigError(msg)
    empty = [item.name for item in fields(table) if getattr(table, item.name) == ""]
    if empty:
        msg = f"{where}.{empty[0]} is empty; write a value or leave the key out"
        raise ConfigError(msg)
    surplus = [name for name in _PUBLISHED_ONLY if getattr(table, name) is not None]
    if table.model is not None and surplus:
        msg = f"{where}.{surplus[0]} belongs to a published network, and 'model' has none of it; leave it out"
        raise ConfigError(msg)
    if table.digest is not None and len(table.digest) < _SHORTEST_DIGEST:
        msg = f"{where}.digest has {len(table.digest)} digits, which many sources share; write at least {_SHORTEST_DIGEST}"
        raise ConfigError(msg)


def _published(table: _Table, folder: Path) -> BoundNetwork:
    from l1ml.emulation.published import PublishedNetwork  # what compiles them is a third of the start of a worker

    emulator = PublishedNetwork(
        folder / str(table.published),
        build_folder=None if table.build_folder is None else folder / table.build_folder,
        top=table.top,
        emulator=table.emulator,
        output=table.output,
    )
    return BoundNetwork(emulator, emulator.digest, _inputs(table, NetworkInputs()), table.labels)


def _model(table: _Table, folder: Path) -> BoundNetwork:
    """A model of this toolkit, or the file of its network, reads the words of its schema as they are."""
    network = read_network(folder / str(table.model))
    return BoundNetwork(network.emulator, network.digest, _inputs(table, NetworkInputs.of_level1()), table.labels)


def _inputs(table: _Table, default: NetworkInputs) -> NetworkInputs | ObjectInputs:
    if table.collection is not None:
        return ObjectInputs(table.collection, table.fields or ())
    objects = default.objects if table.objects is None else tuple((item.name, item.slots) for item in table.objects)
    pt, angles = default.pt if table.pt is None else cast("PtUnit", table.pt), cast("MuonPhi", table.muon_phi)
    return NetworkInputs(objects, pt, angles)

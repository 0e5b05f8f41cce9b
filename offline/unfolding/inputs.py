"""What a configuration names, as samples: event files, toys, background, systematics."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from l1ml.data.event_file import EventFile
from l1ml.data.events import Events
from l1ml.data.splits import mixed
from l1ml.errors import DataError, SchemaError, nearest
from l1ml.progress import SILENT, Progress
from offline.unfolding.configuration import DataFiles, PairFiles, Toy, UnfoldingConfig, UnfoldingTables
from offline.unfolding.pair_events import measured_from_events, simulation_from_events
from offline.unfolding.sample import Measured, Simulation

__all__ = ["Inputs", "read_inputs"]


@dataclass(frozen=True, eq=False)
class Inputs:
    """All samples of an unfolding.

    Parameters
    ----------
    mc : Simulation
        Pairs.
    data : Measured
        Measured events, background subtracted.
    nature : Simulation, optional
        The truth of pseudo-data.
    systematics : mapping of str to Simulation
        The simulation with other detectors.
    units : mapping of str to str
        Units of the generated quantities, where they are known.
    origin : mapping
        Files with their digests, or settings of the toy, as JSON values: equal ones are equal events.
    """

    mc: Simulation
    data: Measured
    nature: Simulation | None = None
    systematics: Mapping[str, Simulation] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)


def read_inputs(config: UnfoldingConfig, progress: Progress = SILENT) -> Inputs:
    """Read, or draw, everything that `config` names.

    Raises
    ------
    DataError
        If a file is missing or damaged, holds no events, levels do not belong together, or nothing is left to unfold.
    SchemaError
        If a file is no event file, or lacks a collection or a quantity.
    """
    tables = config.tables
    if tables.toy is not None:
        return _toys(tables, tables.toy)
    return _FileReader(config.path.parent, tables, progress, {}).inputs()


def _toys(tables: UnfoldingTables, toy: Toy) -> Inputs:
    """Samples of a toy; a systematic has the true events of the simulation."""
    select = tables.selection.simulation
    mc = select(toy.gaussian.simulation(toy.simulated, np.random.default_rng([tables.seed, 0])))
    nature = select(toy.gaussian.nature(toy.measured, np.random.default_rng([tables.seed, 1])))
    varied = {
        name: select(toy.varied(variation).simulation(toy.simulated, np.random.default_rng([tables.seed, 0])))
        for name, variation in tables.systematics.items()
    }
    return Inputs(mc, nature.measured(), nature, varied, {}, {"toy": asdict(toy)})


@dataclass(frozen=True, slots=True)
class _FileReader:
    """Reads event files once each; `origin` is filled on the way."""

    folder: Path
    tables: UnfoldingTables
    progress: Progress
    origin: dict[str, Any]

    def inputs(self) -> Inputs:
        """Everything."""
        tables = self.tables
        if tables.simulation is None or tables.data is None:
            msg = "a configuration of files has the tables [simulation] and [data]"
            raise DataError(msg)
        self.progress.start("reading")
        mc, units = self._simulation("simulation", tables.simulation)
        data, nature = self._data(tables.data)
        if tables.background is not None:
            background = self._measured(self._events("background", tables.background.files, self._reco))
            data = data.without(background.reweighted(background.weight * tables.background.scale))
        varied = {name: self._simulation(name, variation.pairs())[0] for name, variation in tables.systematics.items()}
        self.progress.finish()
        return Inputs(mc, data, nature, varied, units, self.origin)

    @property
    def _gen(self) -> tuple[str, ...]:
        """Collections that are read of the generated level."""
        objects = self.tables.objects
        return (self.tables.quantities.gen_collection, *([] if objects is None else [objects.gen_collection]))

    @property
    def _reco(self) -> tuple[str, ...]:
        """Those of the reconstructed level."""
        objects = self.tables.objects
        return (self.tables.quantities.reco_collection, *([] if objects is None else [objects.reco_collection]))

    def _simulation(self, what: str, source: PairFiles) -> tuple[Simulation, dict[str, str]]:
        """Pairs, and the units of what was generated."""
        apart = not source.files
        events = self._events(what, source.gen if apart else source.files, self._gen if apart else (*self._gen, *self._reco))
        reco = self._events(f"{what}, reconstructed", source.reco, self._reco) if apart else None
        units = {real.name: real.unit for real in events.schema.object(self._gen[0]).reals}
        return self._pairs(events, reco), {name: units.get(name, "") for name in self.tables.quantities.gen}

    def _pairs(self, events: Events, reco: Events | None = None) -> Simulation:
        quantities = self.tables.quantities
        return simulation_from_events(
            events,
            quantities.gen,
            reco_quantities=quantities.reco_names,
            selection=self.tables.selection,
            gen=quantities.gen_collection,
            reco=quantities.reco_collection,
            reco_events=reco,
            objects=self.tables.objects,
        )

    def _data(self, source: DataFiles) -> tuple[Measured, Simulation | None]:
        """Measured events, and their truth if they are pseudo-data."""
        events = self._events("data", source.files, (*self._gen, *self._reco) if source.truth else self._reco)
        return self._measured(events), self._pairs(events) if source.truth else None

    def _measured(self, events: Events) -> Measured:
        tables = self.tables
        return measured_from_events(
            events, tables.quantities.reco_names, selection=tables.selection, reco=self._reco[0], objects=tables.objects
        )

    def _events(self, what: str, files: Sequence[str], collections: tuple[str, ...]) -> Events:
        """The `collections` of all `files`, joined."""
        collections = tuple(dict.fromkeys(collections))
        parts = [_read(self.folder / file, collections) for file in files]
        digests = [digest for _, digest in parts]
        for place, digest in enumerate(digests):
            if digest in digests[:place]:
                msg = f"{what}: {files[place]} has the content of {files[digests.index(digest)]}; name each event once"
                raise DataError(msg)
        self.origin[what] = [{"file": file, "digest": digest} for file, digest in zip(files, digests, strict=True)]
        return Events.concatenate(_told_apart([events for events, _ in parts]))


def _told_apart(parts: Sequence[Events]) -> list[Events]:
    """`parts` with identities that differ from file to file, where those in the files do not.

    Samples of two seeds number their events alike; with one identity two of them would share the number of every bootstrap.
    """
    found = np.concatenate([np.unique(part.group) for part in parts])
    if np.unique(found).size == found.size:
        return list(parts)
    places = [mixed(np.array([place], np.uint64)) for place in range(len(parts))]
    return [replace(part, group=mixed(part.group ^ place)) for part, place in zip(parts, places, strict=True)]


def _read(path: Path, collections: tuple[str, ...]) -> tuple[Events, str]:
    """The `collections` of one file, and its digest."""
    with EventFile(path) as file:
        names = [item.name for item in file.schema.objects]
        for name in collections:
            if name not in names:
                msg = f"{path} has no collection {name!r}; {nearest(name, names)}"
                raise SchemaError(msg)
        if not len(file):
            msg = f"{path} holds no events"
            raise DataError(msg)
        return file.read(objects=collections), file.digest or hashlib.sha256(path.read_bytes()).hexdigest()

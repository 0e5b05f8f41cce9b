"""Jets of five classes: generated, clustered, matched and measured, a thousand jets a job."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.event_writer import EventWriter
from l1ml.data.events import Events
from l1ml.data.generation.jet_samples.class_jets import CLASSES, ClassJetsConfig
from l1ml.data.generation.jet_samples.four_vectors import azimuth, azimuth_difference, mass, pseudorapidity, transverse
from l1ml.data.generation.jet_samples.jet_clusters import Jets, anti_kt_jets
from l1ml.data.generation.jet_samples.jet_features import high_level_features
from l1ml.data.generation.jet_samples.parton_matching import matched, partons_of
from l1ml.data.generation.particles import stable_particles
from l1ml.data.generation.pythia import TUNE, batches, start
from l1ml.data.jobs.sample_files import (
    Sample,
    SampleRecord,
    attempt,
    is_part,
    make_sample,
    parts_folder,
    random_streams,
    versions,
)
from l1ml.progress import SILENT, Progress
from l1ml.storage import digest_of

__all__ = ["ClassJetsJob", "generate_jets"]

_JOB = 1000
"""Jets per job: some 10 s of work."""
_STREAM = 32
_CLASS_BITS, _JOB_BITS = 48, 20
_BATCH = 25
"""Collisions between two looks at whether to stop."""


@dataclass(frozen=True)
class ClassJetsJob:
    """`n` jets of one class, from as many collisions as they take.

    Parameters
    ----------
    config : ClassJetsConfig
        What to make.
    name : str
        One of `CLASSES`.
    index, n : int
        Number of the job within the class, and its jets.
    folder : Path
        Where its file goes.
    """

    config: ClassJetsConfig
    name: str
    index: int
    n: int
    folder: Path

    @property
    def path(self) -> Path:
        """File of the job."""
        key = digest_of([self.config.recipe, self.config.jets, self.n, self._versions])
        return self.folder / f"jets-{self.name}-{self.index:05d}-{key[:8]}.h5"

    @cached_property
    def _versions(self) -> dict[str, str]:
        return versions()

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return self.n

    def is_done(self) -> bool:
        """Whether the file is there and whole."""
        return is_part(self.path)

    def run(self, check: Callable[[], None]) -> None:
        """Generate, cluster, measure and write."""
        began = time.perf_counter()
        seed, _ = random_streams(self.config.seed, _STREAM, CLASSES.index(self.name), self.index)
        pythia = start(self.config.process(self.name), seed)
        parts, kept, generated = [], 0, 0
        for batch in _endless(pythia):
            check()
            part = self._measured(batch, pythia, generated)
            parts.append(part)
            kept, generated = kept + len(part), generated + len(batch)
            if kept >= self.n:
                break
        events = Events.concatenate(parts).select(slice(0, self.n))
        header = {"generated": generated, "seconds": time.perf_counter() - began}
        with attempt(self.path) as own, EventWriter(own, self.config.schema, process=CLASSES, provenance=header) as writer:
            writer.append(self._numbered(events))

    def _measured(self, batch: Any, pythia: Any, generated: int) -> Events:
        """The jets of a batch of collisions that belong to a parton; `group` is the number of the collision in the job."""
        config = self.config
        particles = stable_particles(batch, pythia.particleData)
        seen = particles.select(~particles.is_neutrino)
        momentum = np.stack([seen.px, seen.py, seen.pz, seen.energy], axis=1)
        jets = anti_kt_jets(
            momentum, seen.collision, len(batch), radius=config.radius, min_pt=config.pt_gev / 5, max_eta=config.max_eta
        )
        partons, owner = partons_of(batch, self.name)
        rows, parton = matched(jets, partons, owner, config.match)
        jets = jets.select(rows)
        truth = {"parton_pt": transverse(partons[parton]), "parton_mass": mass(partons[parton])}
        group = (generated + jets.collision).astype(np.uint64)
        return self._events(jets, group, {name: values.astype(np.float32) for name, values in truth.items()})

    def _events(self, jets: Jets, group: NDArray[np.uint64], truth: dict[str, NDArray[np.float32]]) -> Events:
        """Columns of `jets`."""
        kinematics = {
            "pt": transverse(jets.momentum),
            "eta": pseudorapidity(jets.momentum),
            "phi": azimuth(jets.momentum),
            "mass": mass(jets.momentum),
        }
        columns = {name: values.astype(np.float32)[:, None] for name, values in (kinematics | high_level_features(jets)).items()}
        constituents, mask = leading_constituents(jets, self.config.constituents)
        process = np.full(len(jets), CLASSES.index(self.name), np.int64)
        return Events(
            self.config.schema,
            {"jet": columns, "constituent": constituents},
            np.ones(len(jets)),
            group,
            group,
            truth,
            {"constituent": mask},
            {"process": process},
            CLASSES,
        )

    def _numbered(self, events: Events) -> Events:
        """Weights that add up to one in each class, identities that no other jet has; the jets of a collision share a group."""
        base = np.uint64((CLASSES.index(self.name) << _CLASS_BITS) + (self.index << _JOB_BITS))
        return replace(
            events,
            weight=np.full(len(events), 1 / self.config.jets),
            event=base + np.arange(len(events), dtype=np.uint64),
            group=base + events.group,
        )


def _endless(pythia: Any) -> Iterator[Any]:
    """Batches without end."""
    while True:
        yield from batches(pythia, _BATCH)


def leading_constituents(jets: Jets, n_slots: int) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.bool_]]:
    """The `n_slots` constituents of highest pt of each jet, relative to its axis, and which slots are filled."""
    owner, pt = jets.owner, transverse(jets.constituents)
    order = np.lexsort((-pt, owner))
    slot = np.arange(len(order)) - np.repeat(np.cumsum(jets.count) - jets.count, jets.count)
    order, slot = order[slot < n_slots], slot[slot < n_slots]
    own, axis = jets.constituents[order], jets.momentum[owner[order]]
    values = {
        "pt": pt[order],
        "eta_rel": pseudorapidity(own) - pseudorapidity(axis),
        "phi_rel": azimuth_difference(azimuth(own), azimuth(axis)),
    }
    mask = np.zeros((len(jets), n_slots), np.bool_)
    mask[owner[order], slot] = True
    columns = {name: np.zeros((len(jets), n_slots), np.float32) for name in values}
    for name, column in columns.items():
        column[owner[order], slot] = values[name]
    return columns, mask


def generate_jets(
    config: ClassJetsConfig,
    path: Path,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    force: bool = False,
    progress: Progress = SILENT,
) -> SampleRecord:
    """Make the event file `path` with ``config.jets`` jets of each of `CLASSES`, or find it there.

    Parameters
    ----------
    config : ClassJetsConfig
        What to make.
    path : Path
        The file; the same content whatever does the work. What jobs have finished lies in ``<path>-parts`` until then.
    workers : int
        Local processes.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers are used instead.
    force : bool
        Replace a file that holds something else.
    progress : Progress
        Told about each finished job.

    Raises
    ------
    ToolNotFoundError
        If pythia8mc, fastjet or awkward is not installed, or the scheduler does not answer.
    ConfigError
        If `path` holds something else.
    StorageError
        If the disk is full; what is finished is kept, and the next call goes on from there.
    """
    made = versions()
    folder = parts_folder(path)
    starts = range(0, config.jets, _JOB)
    # classes in turn, so that the first rows of the file hold all of them
    jobs = [
        ClassJetsJob(config, name, index, min(_JOB, config.jets - first), folder)
        for index, first in enumerate(starts)
        for name in CLASSES
    ]
    provenance = {
        "generator": "Pythia",
        "tune": TUNE,
        "config": asdict(config),
        "settings": {name: list(config.process(name).settings) for name in CLASSES},
        "digest": config.digest(made),
        "features": "l1ml.data.generation.jet_samples.jet_features",
        "random": "Pythia: first word of SeedSequence(seed, spawn_key=(32, class, job))",
        "versions": made,
    }
    sample = Sample(config.schema, CLASSES, jobs, provenance)
    return make_sample(path, sample, workers=workers, scheduler=scheduler, force=force, progress=progress)

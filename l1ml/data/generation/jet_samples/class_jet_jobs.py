"""Jets of five classes: generated, clustered, matched and measured, a thousand jets a job."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.generation.jet_samples.class_jets import CLASSES, ClassJetsConfig
from l1ml.data.generation.jet_samples.four_vectors import azimuth, azimuth_difference, mass, pseudorapidity, transverse
from l1ml.data.generation.jet_samples.jet_clusters import Jets, anti_kt_jets
from l1ml.data.generation.jet_samples.jet_features import high_level_features
from l1ml.data.generation.jet_samples.jet_job import JetJob
from l1ml.data.generation.jet_samples.parton_matching import matched, partons_of
from l1ml.data.generation.particles import stable_particles
from l1ml.data.generation.pythia import TUNE, start
from l1ml.data.jobs.part_files import parts_folder
from l1ml.data.jobs.sample_files import Sample, SampleRecord, make_sample, versions
from l1ml.data.schema import EventSchema
from l1ml.progress import SILENT, Progress

__all__ = ["ClassJets", "generate_jets"]

_JOB = 1000
"""Jets per job: some 10 s of work."""
_STREAM = 32
_CLASS_BITS, _JOB_BITS = 48, 20
_BATCH = 25
"""Collisions between two looks at whether to stop."""


@dataclass(frozen=True, slots=True)
class ClassJets:
    """Jets of one class, as a `JetSource`.

    Parameters
    ----------
    config : ClassJetsConfig
        What to make.
    name : str
        One of `CLASSES`.
    """

    config: ClassJetsConfig
    name: str

    @property
    def label(self) -> str:
        """Beginning of the name of the file of a job."""
        return f"jets-{self.name}"

    @property
    def key(self) -> list[Any]:
        """All that decides a jet of given number, and its weight."""
        return [self.config.recipe, self.config.jets]

    @property
    def schema(self) -> EventSchema:
        """Of the jets."""
        return self.config.schema

    @property
    def processes(self) -> tuple[str, ...]:
        """All classes: the column ``process`` counts them."""
        return CLASSES

    @property
    def stream(self) -> tuple[int, ...]:
        """Seed of the user, number of these streams, number of the class."""
        return self.config.seed, _STREAM, CLASSES.index(self.name)

    @property
    def batch(self) -> int:
        """Collisions between two looks at whether to stop."""
        return _BATCH

    def start(self, seed: int) -> Any:
        """Pythia with the process of the class."""
        return start(self.config.process(self.name), seed)

    def measured(self, batch: Any, pythia: Any, _rng: np.random.Generator, /) -> Events:
        """The jets of a batch of collisions that belong to a parton; `group` is the number of the collision."""
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
        group = jets.collision.astype(np.uint64)
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

    def numbered(self, events: Events, index: int) -> Events:
        """Weights that add up to one in each class, identities that no other jet has; the jets of a collision share a group."""
        base = np.uint64((CLASSES.index(self.name) << _CLASS_BITS) + (index << _JOB_BITS))
        return replace(
            events,
            weight=np.full(len(events), 1 / self.config.jets),
            event=base + np.arange(len(events), dtype=np.uint64),
            group=base + events.group,
        )


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
        JetJob(ClassJets(config, name), index, min(_JOB, config.jets - first), folder)
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

"""Gen/reco pairs of the leading jet of Z + jet: generated, measured by a detector, clustered twice."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import muted
from l1ml.data.events import Events
from l1ml.data.generation.jet_samples.four_vectors import (
    FloatArray,
    azimuth,
    azimuth_difference,
    mass,
    pseudorapidity,
    transverse,
)
from l1ml.data.generation.jet_samples.jet_clusters import Jets, anti_kt_jets, soft_drop, subjettiness
from l1ml.data.generation.jet_samples.jet_job import JetJob
from l1ml.data.generation.jet_samples.jet_pair_recipe import JetPairsConfig
from l1ml.data.generation.jet_samples.particle_flow import particle_flow
from l1ml.data.generation.particles import stable_particles
from l1ml.data.generation.pythia import start
from l1ml.data.jet_pairs import JET_PAIRS_SCHEMA, JET_QUANTITIES
from l1ml.data.jobs.part_files import parts_folder
from l1ml.data.jobs.sample_files import Sample, SampleRecord, make_sample, versions
from l1ml.data.schema import EventSchema
from l1ml.progress import SILENT, Progress
from l1ml.storage import digest_of

__all__ = ["JetPairs", "generate_pairs", "jet_observables"]

_JOB = {"monash": 1000, "a14": 1000, "vincia": 100}
"""Pairs per job: some 10 to 20 s of work."""
_BATCH = {"monash": 50, "a14": 50, "vincia": 10}
"""Collisions between two looks at whether to stop."""
_STREAM, _JOB_BITS = 48, 20


@dataclass(frozen=True, slots=True)
class JetPairs:
    """Gen/reco pairs, as a `JetSource`.

    Parameters
    ----------
    config : JetPairsConfig
        What to make.
    """

    config: JetPairsConfig

    @property
    def label(self) -> str:
        """Beginning of the name of the file of a job."""
        return f"pairs-{self.config.variant}"

    @property
    def key(self) -> list[Any]:
        """All that decides a pair of given number, and its weight."""
        return [self.config.recipe]

    @property
    def schema(self) -> EventSchema:
        """Of the pairs."""
        return JET_PAIRS_SCHEMA

    @property
    def processes(self) -> tuple[str, ...]:
        """The one process, named after the variant."""
        return (self.config.process.name,)

    @property
    def stream(self) -> tuple[int, ...]:
        """Seed of the user, number of these streams."""
        return self.config.seed, _STREAM

    @property
    def batch(self) -> int:
        """Collisions between two looks at whether to stop."""
        return _BATCH[self.config.variant]

    def start(self, seed: int) -> Any:
        """Pythia with Z + jet."""
        with muted(1) if self.config.variant == "vincia" else nullcontext():  # its banner knows no Print:quiet
            return start(self.config.process, seed)

    def measured(self, batch: Any, pythia: Any, rng: np.random.Generator, /) -> Events:
        """Those collisions of a batch that have a jet at one level at least."""
        n = len(batch)
        particles = stable_particles(batch, pythia.particleData)
        visible = particles.select(~particles.is_neutrino)
        truth = np.stack([visible.px, visible.py, visible.pz, visible.energy], axis=1)
        levels = {
            "gen_jet": self._leading(truth, visible.collision, n),
            "reco_jet": self._leading(*particle_flow(particles, rng), n),
        }
        collections = {name: _columns(jets, n) for name, jets in levels.items()}
        masks = {name: np.isin(np.arange(n), jets.collision)[:, None] for name, jets in levels.items()}
        rows = np.arange(n, dtype=np.uint64)
        weight = np.full(n, 1 / self.config.pairs)
        whole = Events(JET_PAIRS_SCHEMA, collections, weight, rows, rows, masks=masks)
        return whole.select((masks["gen_jet"] | masks["reco_jet"])[:, 0])

    def numbered(self, events: Events, index: int) -> Events:
        """Identities that no other pair has; each pair is its own group."""
        number = np.uint64(index << _JOB_BITS) + np.arange(len(events), dtype=np.uint64)
        return replace(events, event=number, group=number)

    def _leading(self, momentum: FloatArray, collision: NDArray[np.int64], n: int) -> Jets:
        """Leading jet of each collision that has one."""
        config = self.config
        return anti_kt_jets(
            momentum, collision, n, radius=config.radius, min_pt=config.jet_pt_gev, max_eta=config.max_eta
        ).leading()


def jet_observables(jets: Jets) -> dict[str, FloatArray]:
    """The quantities of `l1ml.data.jet_pairs.JET_QUANTITIES`, arrays of shape (n,).

    ``width`` is sum pt dR / sum pt around the axis of the jet, ``ptd`` sqrt(sum pt^2) / sum pt; ``tau21``
    is the 2-subjettiness (see `subjettiness` of ``jet_clusters``) over the width, 0 where the width is 0; ``sdmass`` and ``zg``
    are those of soft drop with z_cut 0.1 and beta 0.
    """
    groomed, owner = soft_drop(jets), jets.owner
    pt, axis = transverse(jets.constituents), jets.momentum[owner]
    total = np.bincount(owner, pt, len(jets))
    away = np.hypot(
        pseudorapidity(jets.constituents) - pseudorapidity(axis),
        azimuth_difference(azimuth(jets.constituents), azimuth(axis)),
    )
    width = np.bincount(owner, pt * away, len(jets)) / total
    second = subjettiness(jets, 2)
    return {
        "pt": transverse(jets.momentum),
        "eta": pseudorapidity(jets.momentum),
        "phi": azimuth(jets.momentum),
        "mass": mass(jets.momentum),
        "multiplicity": jets.count.astype(np.float64),
        "width": width,
        "tau21": np.divide(second, width, out=np.zeros(len(jets)), where=width > 0),
        "zg": groomed.fraction,
        "sdmass": groomed.mass,
        "ptd": np.sqrt(np.bincount(owner, pt**2, len(jets))) / total,
    }


def _columns(jets: Jets, n: int) -> dict[str, NDArray[np.float32]]:
    """Columns of shape (n, 1) with one jet at most for each collision, 0 where there is none."""
    values = jet_observables(jets)
    columns = {real.name: np.zeros((n, 1), np.float32) for real in JET_QUANTITIES}
    for name, column in columns.items():
        column[jets.collision, 0] = values[name]
    return columns


def generate_pairs(
    config: JetPairsConfig,
    path: Path,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    force: bool = False,
    progress: Progress = SILENT,
) -> SampleRecord:
    """Make the event file `path` with ``config.pairs`` pairs, or find it there; arguments and errors as for `generate_jets`.

    The pair of a collision is its leading jet at either level, which need not be the same jet; a level without a jet that passes
    is masked (a miss or a fake). Collisions without a jet at both levels are counted in ``generated`` alone.
    """
    made, folder, size = versions(), parts_folder(path), _JOB[config.variant]
    jobs = [
        JetJob(JetPairs(config), index, min(size, config.pairs - first), folder)
        for index, first in enumerate(range(0, config.pairs, size))
    ]
    provenance = {
        "generator": "Pythia",
        "config": asdict(config),
        "settings": list(config.process.settings),
        "digest": digest_of([config.recipe, config.pairs, JET_PAIRS_SCHEMA.digest, made]),
        "detector": "l1ml.data.generation.jet_samples.particle_flow",
        "random": "numpy PCG64 of SeedSequence(seed, spawn_key=(48, job)); Pythia is seeded from its first word",
        "versions": made,
    }
    sample = Sample(JET_PAIRS_SCHEMA, (config.process.name,), jobs, provenance)
    return make_sample(path, sample, workers=workers, scheduler=scheduler, force=force, progress=progress)

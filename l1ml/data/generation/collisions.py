"""One job of the pool: some thousand Pythia events through the response, into one file."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.data.generation.config import RESPONSE_VERSION
from l1ml.data.generation.level1.response import muon_candidates, tower_deposits
from l1ml.data.generation.particles import stable_particles
from l1ml.data.generation.pool import CollisionPool, read_pool, write_pool
from l1ml.data.generation.pythia import PythiaProcess, batches, pythia_version, start
from l1ml.data.generation.truth import TRUTH_NAMES, collision_truth
from l1ml.data.jobs.workers import is_whole
from l1ml.storage import atomic_path, digest_of

__all__ = ["CollisionJob", "TablesJob"]


def _pythia_seed(sequence: np.random.SeedSequence) -> int:
    """Seed of Pythia's own generator, from the first word of `sequence`."""
    return int(sequence.generate_state(1, np.uint32)[0])


@dataclass(frozen=True, slots=True)
class TablesJob:
    """Initialise soft QCD once and keep Pythia's tables of multiparton interactions (4 s, then 0.1 s for each reader)."""

    process: PythiaProcess
    seed: int
    folder: Path

    @property
    def path(self) -> Path:
        """File of the tables."""
        key = digest_of({"process": asdict(self.process), "seed": self.seed, "pythia": pythia_version()})
        return self.folder / f"tables-{key[:8]}.dat"

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return 1

    def is_done(self) -> bool:
        """Whether the tables are there and whole; Pythia itself reads a shortened file without complaint."""
        return self.path.is_file() and self.path.read_text(encoding="ascii", errors="replace").rstrip().endswith("}")

    def run(self, check: Callable[[], None]) -> None:
        """Make the tables."""
        check()
        with atomic_path(self.path) as part:
            start(self.process, self.seed, initialisation=part)


@dataclass(frozen=True, slots=True)
class CollisionJob:
    """`n` collisions of one process, measured.

    Parameters
    ----------
    process : PythiaProcess
        What to generate.
    index : int
        Number of the job within its pool.
    n : int
        Pythia events; fewer are kept where `below_gev` is set.
    entropy, stream : int, tuple of int
        ``SeedSequence(entropy, spawn_key=(*stream, index))`` seeds Pythia and the response.
    folder : Path
        Where the file goes.
    below_gev : float, optional
        Keep collisions whose pThat is below this.
    tables : Path, optional
        Tables made by `TablesJob`.
    with_truth : bool
        Whether truth is worth its time; zeros otherwise.
    """

    process: PythiaProcess
    index: int
    n: int
    entropy: int
    stream: tuple[int, ...]
    folder: Path
    below_gev: float | None = None
    tables: Path | None = None
    with_truth: bool = True

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides the content of the file."""
        content = asdict(self) | {"folder": "", "tables": self.tables.name if self.tables else ""}
        return digest_of({"recipe": RESPONSE_VERSION, "pythia": pythia_version(), **content})

    @property
    def path(self) -> Path:
        """File of the job."""
        return self.folder / f"{self.process.name}-{self.index:03d}-{self.digest[:8]}.h5"

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return self.n

    def is_done(self) -> bool:
        """Whether the file is there and whole."""
        return is_whole(self.path, read_pool)

    def run(self, check: Callable[[], None]) -> None:
        """Generate, measure and write; `check` is called between batches and raises to stop."""
        began = time.perf_counter()
        sequence = np.random.SeedSequence(self.entropy, spawn_key=(*self.stream, self.index))
        rng = np.random.Generator(np.random.PCG64(sequence))
        pythia = start(self.process, _pythia_seed(sequence), initialisation=self.tables, reuse=self.tables is not None)
        parts = []
        for batch in batches(pythia, self.n):
            check()
            parts.append(self._measured(batch, pythia, rng))
        pool = CollisionPool.concatenate(parts)
        write_pool(self.path, pool, self._header(pythia, len(pool), time.perf_counter() - began))

    def _measured(self, batch: Any, pythia: Any, rng: np.random.Generator) -> CollisionPool:
        """One batch through the response."""
        ak = require("awkward")
        particles = stable_particles(batch, pythia.particleData, displaced=self.process.displaced)
        pool = CollisionPool(
            np.sqrt(ak.to_numpy(batch.info.pT2Hat).astype(np.float64)),
            ak.to_numpy(batch.info.weights[:, 0]).astype(np.float64),
            tower_deposits(particles, rng),
            muon_candidates(particles),
            collision_truth(particles) if self.with_truth else _no_truth(particles.n_collisions),
        )
        return pool if self.below_gev is None else pool.select(pool.scale < self.below_gev)

    def _header(self, pythia: Any, kept: int, seconds: float) -> dict[str, Any]:
        """What the file says about itself."""
        info = pythia.infoPython()
        return {
            "process": self.process.name,
            "settings": list(self.process.settings),
            "generated": self.n,
            "kept": kept,
            "seconds": seconds,
            "sigma_mb": info.sigmaGen(0),
            "sigma_error_mb": info.sigmaErr(0),
        }


def _no_truth(n: int) -> dict[str, Any]:
    """Zeros for collisions whose truth nobody asks for."""
    return {name: np.zeros(n, np.float32) for name in TRUTH_NAMES}

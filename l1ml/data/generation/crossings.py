"""One job of the overlay: some thousand crossings of one process, from the pools to trigger words in one file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.generation.config import GenerationConfig
from l1ml.data.generation.overlay import Composition, Overlay
from l1ml.data.generation.pool import CollisionPool, read_pool
from l1ml.data.generation.pools import PoolFiles
from l1ml.data.generation.stitching import HardSpectrum, copies_per_collision
from l1ml.data.hdf5 import EventWriter, file_info
from l1ml.data.schema import LEVEL1_SCHEMA
from l1ml.errors import DataError

__all__ = ["CrossingJob", "CrossingPlan", "Pools", "compose", "load_pools", "plan_crossings"]

_MUON_PT, _MUON_BOOST = 5.0, 8.0
"""Collisions with a real muon above 5 GeV are used more often: muon seeds fire on them, and each copy is measured anew."""

_GROUP_BITS = 40
"""Event and group numbers hold the process above this bit, so that they are unique in a run."""


@dataclass(frozen=True, eq=False)
class Pools:
    """All collisions that one process needs: soft ones, then hard ones, then signal ones.

    Parameters
    ----------
    pool : CollisionPool
        The collisions.
    n_soft : int
        How many of them are soft.
    spectrum : HardSpectrum
        The hard ones as a Poisson process; collision j of the spectrum is ``n_soft + j`` of the pool.
    soft_mean : float
        Mean number of soft collisions per crossing.
    """

    pool: CollisionPool
    n_soft: int
    spectrum: HardSpectrum
    soft_mean: float

    @property
    def n_hard(self) -> int:
        """Number of hard collisions in the pool."""
        return len(self.spectrum.scale)


def load_pools(files: PoolFiles, pileup: float) -> Pools:
    """Read the pools.

    Raises
    ------
    DataError
        If a file is missing or damaged.
    """
    parts = [[read_pool(path) for path in paths] for paths in (files.soft, files.hard, files.signal)]
    sigma_soft, sigma_hard = (mean_sigma([header for _, header in part]) for part in parts[:2])
    hard_pool = CollisionPool.concatenate([pool for pool, _ in parts[1]])
    mean = pileup * sigma_hard / sigma_soft
    return Pools(
        CollisionPool.concatenate([pool for part in parts for pool, _ in part]),
        sum(len(pool) for pool, _ in parts[0]),
        HardSpectrum(hard_pool.scale, hard_pool.weight, mean),
        pileup - mean,
    )


def mean_sigma(headers: Sequence[Mapping[str, Any]]) -> float:
    """Cross section in mb: the mean over jobs, by number of events."""
    events = np.array([header["generated"] for header in headers])
    return float(np.average([header["sigma_mb"] for header in headers], weights=events))


@lru_cache(maxsize=1)
def _overlay(files: PoolFiles, pileup: float) -> tuple[Pools, Overlay]:
    """Pools and overlay of the process at hand; the next jobs of a worker mostly want the same."""
    pools = load_pools(files, pileup)
    return pools, Overlay(pools.pool)


@dataclass(frozen=True, eq=False)
class CrossingPlan:
    """What each crossing of a process is made around.

    Parameters
    ----------
    primary : ndarray of int64, shape (n,)
        Number in the pool of the collision that a crossing is made around, -1 for none.
    hard_mean : ndarray of float64, shape (n,)
        Mean number of further hard collisions, drawn from the softest of the hard pool.
    weight : ndarray of float64, shape (n,)
        Adds up to one.
    """

    primary: NDArray[np.int64]
    hard_mean: NDArray[np.float64]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.primary)


def plan_crossings(pools: Pools, config: GenerationConfig) -> CrossingPlan:
    """Zero bias where the pools hold no signal (see `l1ml.data.generation.stitching`), else each signal collision once."""
    first = pools.n_soft + pools.n_hard
    n_signal = len(pools.pool) - first
    if n_signal:
        share = np.full(n_signal, 1 / n_signal)
        return CrossingPlan(np.arange(first, first + n_signal), np.full(n_signal, pools.spectrum.mean), share)
    quiet = config.sized("quiet_crossings")
    probability = pools.spectrum.hardest_probability
    copies = copies_per_collision(probability, muon_boost(pools), config.sized("hard_crossings"))
    hardest = np.repeat(np.arange(pools.n_hard), copies)
    return CrossingPlan(
        np.concatenate([np.full(quiet, -1), pools.n_soft + hardest]),
        np.concatenate([np.zeros(quiet), pools.spectrum.softer[hardest]]),
        np.concatenate([np.full(quiet, pools.spectrum.quiet_probability / quiet), (probability / copies)[hardest]]),
    )


def muon_boost(pools: Pools) -> NDArray[np.float64]:
    """How much more often than others each hard collision should be used, shape (n_hard,)."""
    muons = pools.pool.muons
    owner = np.repeat(np.arange(len(pools.pool)), muons.count)
    real = owner[(muons.probability == 1) & (muons.pt > _MUON_PT)]
    counted = np.bincount(real, minlength=len(pools.pool))[pools.n_soft : pools.n_soft + pools.n_hard]
    return np.where(counted > 0, _MUON_BOOST, 1.0)


def compose(plan: CrossingPlan, pools: Pools, rng: np.random.Generator) -> Composition:
    """Draw the pileup of every crossing of `plan`."""
    rows = np.arange(len(plan))
    soft = np.repeat(rows, rng.poisson(pools.soft_mean, len(plan)))
    hard = np.repeat(rows, rng.poisson(plan.hard_mean))
    primary = plan.primary >= 0
    crossing = np.concatenate([soft, hard, rows[primary]])
    collision = np.concatenate(
        [
            rng.integers(0, pools.n_soft, len(soft)),
            pools.n_soft + pools.spectrum.draw(plan.hard_mean[hard], rng),
            plan.primary[primary],
        ]
    )
    order = np.argsort(crossing, kind="stable")
    return Composition(len(plan), crossing[order], collision[order])


@dataclass(frozen=True, slots=True)
class CrossingJob:
    """Rows `first` to `first + n` of the plan of one process.

    Parameters
    ----------
    process : str
        Name of the process.
    number : int
        Its number, for unique event and group numbers and for the random stream.
    config : GenerationConfig
        Sizes and seed.
    digest : str
        Digest of the whole sample.
    first, n : int
        Rows of the plan; the last part may be shorter.
    files : PoolFiles
        Files of the pools.
    folder : Path
        Where the part goes.
    """

    process: str
    number: int
    config: GenerationConfig
    digest: str
    first: int
    n: int
    files: PoolFiles
    folder: Path

    @property
    def path(self) -> Path:
        """File of the part."""
        return self.folder / f"crossings-{self.process}-{self.first:07d}-{self.digest[:8]}.h5"

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return self.n

    def is_done(self) -> bool:
        """Whether the part is there and whole; a damaged one is removed, so that it is made again."""
        if not self.path.is_file():
            return False
        try:
            file_info(self.path)
        except DataError:
            self.path.unlink()
            return False
        return True

    def run(self, check: Callable[[], None]) -> None:
        """Make the crossings and write them."""
        began = time.perf_counter()
        pools, overlay = _overlay(self.files, self.config.pileup)
        whole = plan_crossings(pools, self.config)
        rows = slice(self.first, min(self.first + self.n, len(whole)))
        plan = CrossingPlan(whole.primary[rows], whole.hard_mean[rows], whole.weight[rows])
        sequence = np.random.SeedSequence(self.config.seed, spawn_key=(16 + self.number, self.first))
        rng = np.random.Generator(np.random.PCG64(sequence))
        batches = []
        for collections in overlay.objects(compose(plan, pools, rng), rng):
            check()
            batches.append(collections)
        events = self._events(_joined(batches), plan, pools)
        header = {"seconds": time.perf_counter() - began, "config": asdict(self.config)}
        with EventWriter(self.path, LEVEL1_SCHEMA, process=self.process, provenance=header) as writer:
            writer.append(events)

    def _events(self, collections: Any, plan: CrossingPlan, pools: Pools) -> Events:
        """Trigger words with weights, identities and the truth of the primary collision."""
        base = self.number << _GROUP_BITS
        row = base + self.first + np.arange(len(plan), dtype=np.uint64)
        # quiet crossings have nothing in common: each its own group, above those of the hard collisions
        alone = row + np.uint64(1 << (_GROUP_BITS - 1))
        group = np.where(plan.primary >= 0, np.uint64(base) + np.maximum(plan.primary, 0).astype(np.uint64), alone)
        truth = {
            name: np.where(plan.primary >= 0, values[np.maximum(plan.primary, 0)], np.float32(0))
            for name, values in pools.pool.truth.items()
        }
        return Events(LEVEL1_SCHEMA, collections, plan.weight, row.astype(np.uint64), group, truth)


def _joined(batches: Sequence[Mapping[str, Mapping[str, NDArray[np.int32]]]]) -> dict[str, dict[str, NDArray[np.int32]]]:
    """Consecutive pieces of collections as one."""
    first = batches[0]
    return {
        name: {column: np.concatenate([batch[name][column] for batch in batches]) for column in columns}
        for name, columns in first.items()
    }

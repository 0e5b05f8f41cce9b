"""One job of the overlay: some thousand crossings of one process, from the pools to trigger words in one file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.calo_regions import CALO_SCHEMA
from l1ml.data.event_file import file_info
from l1ml.data.event_writer import EventWriter
from l1ml.data.events import Events
from l1ml.data.generation.config import GenerationConfig
from l1ml.data.generation.level1.tower_response import FittedTowers, ring_means
from l1ml.data.generation.overlay import Composition, Overlay
from l1ml.data.generation.pileup_profile import PileupProfile
from l1ml.data.generation.plan import CrossingPlan, Pools, compose, load_pools, plan_crossings
from l1ml.data.generation.pools import PoolFiles
from l1ml.data.jobs.workers import is_whole
from l1ml.data.schema import GLOBAL_TRIGGER_SCHEMA, LEVEL1_SCHEMA, EventSchema

__all__ = ["CrossingJob", "release_pools", "schema_of"]

_GROUP_BITS = 40
"""Event and group numbers hold the process above this bit, so that they are unique in a run."""


def schema_of(config: GenerationConfig) -> EventSchema:
    """Schema of the events that `config` asks for."""
    return {"axol1tl": LEVEL1_SCHEMA, "global_trigger": GLOBAL_TRIGGER_SCHEMA, "calo_regions": CALO_SCHEMA}[config.objects]


@lru_cache(maxsize=1)
def _overlay(files: PoolFiles, profile: PileupProfile, objects: str, tower_response: str) -> tuple[Pools, Overlay]:
    """Pools and overlay of the process at hand; the next jobs of a worker mostly want the same."""
    pools = load_pools(files, profile)
    if tower_response == "plain":
        return pools, Overlay(pools.pool, objects)
    return pools, Overlay(pools.pool, objects, FittedTowers(ring_means(pools.pool, pools.n_soft, profile.mean)))


def release_pools() -> None:
    """Give back the memory of the pools that the last job of this process used."""
    _overlay.cache_clear()


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
        """Whether the part is there and whole."""
        return is_whole(self.path, file_info)

    def run(self, check: Callable[[], None]) -> None:
        """Make the crossings and write them."""
        began = time.perf_counter()
        pools, overlay = _overlay(self.files, self.config.profile, self.config.objects, self.config.tower_response)
        plan, composition, rng = self.composed(pools, plan_crossings(pools, self.config))
        batches = []
        for collections in overlay.objects(composition, rng):
            check()
            batches.append(collections)
        events = self._events(_joined(batches), plan, pools, composition)
        header = {"seconds": time.perf_counter() - began, "config": self.config.to_dict()}
        with EventWriter(self.path, schema_of(self.config), process=self.process, provenance=header) as writer:
            writer.append(events)

    def composed(self, pools: Pools, whole: CrossingPlan) -> tuple[CrossingPlan, Composition, np.random.Generator]:
        """These rows of the plan of all crossings, the pileup that is drawn for them, and what draws the rest."""
        rows = slice(self.first, min(self.first + self.n, len(whole)))
        plan = CrossingPlan(whole.primary[rows], whole.hard_mean[rows], whole.weight[rows])
        sequence = np.random.SeedSequence(self.config.seed, spawn_key=(16 + self.number, self.first))
        rng = np.random.Generator(np.random.PCG64(sequence))
        return plan, compose(plan, pools, rng), rng

    def _events(self, collections: Any, plan: CrossingPlan, pools: Pools, composition: Composition) -> Events:
        """Trigger words with weights, identities, the truth of the primary collision and, where it differs, the pileup."""
        base = self.number << _GROUP_BITS
        row = base + self.first + np.arange(len(plan), dtype=np.uint64)
        # quiet crossings have nothing in common: each its own group, above those of the hard collisions
        alone = row + np.uint64(1 << (_GROUP_BITS - 1))
        group = np.where(plan.primary >= 0, np.uint64(base) + np.maximum(plan.primary, 0).astype(np.uint64), alone)
        truth = {
            name: np.where(plan.primary >= 0, values[np.maximum(plan.primary, 0)], np.float32(0))
            for name, values in pools.pool.truth.items()
        }
        crossing = {}
        if composition.relative is not None and len(pools.spectrum.relative) > 1:
            truth["pileup"] = (composition.relative * self.config.profile.mean).astype(np.float32)
            crossing["collisions"] = composition.collisions
        return Events(schema_of(self.config), collections, plan.weight, row.astype(np.uint64), group, truth, crossing=crossing)


def _joined(batches: Sequence[Mapping[str, Mapping[str, NDArray[np.int32]]]]) -> dict[str, dict[str, NDArray[np.int32]]]:
    """Consecutive pieces of collections as one."""
    first = batches[0]
    return {
        name: {column: np.concatenate([batch[name][column] for batch in batches]) for column in columns}
        for name, columns in first.items()
    }

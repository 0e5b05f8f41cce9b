"""Which collisions are the pileup of each zero-bias crossing: drawn again, as it was when the crossings were made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.config import GenerationConfig
from l1ml.data.generation.crossings import CrossingJob
from l1ml.data.generation.plan import CrossingPlan, Pools, load_pools, plan_crossings
from l1ml.data.generation.pools import pool_jobs
from l1ml.data.generation.production import crossing_jobs
from l1ml.errors import DataError

__all__ = ["PileupDraws"]

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class PileupDraws:
    """The pileup of all zero-bias crossings of a configuration.

    Parameters
    ----------
    n_soft, n_collisions : int
        Soft collisions in the pools, and all of them: the numbers from `n_soft` on are those of hard ones.
    pools : Pools
        The pools.
    plan : CrossingPlan
        What each crossing is made around.
    jobs : tuple of CrossingJob
        The jobs that have made the crossings, each of which has a random stream of its own.
    part : ndarray of bool, shape (n,), optional
        Which of the n crossings are meant, see `among`; None stands for all of them.
    """

    n_soft: int
    n_collisions: int
    pools: Pools
    plan: CrossingPlan
    jobs: tuple[CrossingJob, ...]
    part: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, config: GenerationConfig, folder: Path) -> PileupDraws:
        """Those of the event file of zero bias that `config` makes in `folder`.

        Raises
        ------
        DataError
            If a pool is not there any more: the event file says nothing about pileup.
        """
        files = pool_jobs(config, (folder / "pool").absolute()).files("zero_bias")
        pools = load_pools(files, config.profile)
        plan = plan_crossings(pools, config)
        jobs = tuple(crossing_jobs("zero_bias", config, files, len(plan), folder))
        return cls(pools.n_soft, len(pools.pool), pools, plan, jobs)

    @classmethod
    def if_kept(cls, config: GenerationConfig, folder: Path) -> PileupDraws | None:
        """As `of`; None where a pool is not there any more."""
        try:
            return cls.of(config, folder)
        except DataError:
            return None

    def among(self, part: NDArray[np.bool_]) -> PileupDraws:
        """Those of the crossings in `part` (n,), which are then numbered by their place among them.

        Raises
        ------
        DataError
            If there are not n crossings.
        """
        if len(part) != len(self.plan):
            msg = f"received a choice among {len(part):,} crossings, the configuration makes {len(self.plan):,}"
            raise DataError(msg)
        return replace(self, part=part)

    def __iter__(self) -> Iterator[tuple[Places, Places]]:
        """Some thousand crossings at a time: place of a crossing in the file, and number of a collision of its pileup."""
        part = np.ones(len(self.plan), np.bool_) if self.part is None else self.part
        place = np.cumsum(part) - 1
        for job in self.jobs:
            plan, composition, _ = job.composed(self.pools, self.plan)
            beside = composition.collision != plan.primary[composition.crossing]
            crossing, collision = composition.crossing[beside] + job.first, composition.collision[beside]
            meant = part[crossing]
            yield place[crossing[meant]], collision[meant]

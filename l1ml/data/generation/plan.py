"""What each crossing is made around, what it weighs, and the pileup that is drawn for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.config import GenerationConfig
from l1ml.data.generation.overlay import Composition
from l1ml.data.generation.pileup_profile import PileupProfile
from l1ml.data.generation.pool import CollisionPool, read_pool
from l1ml.data.generation.pools import PoolFiles
from l1ml.data.generation.stitching import HardSpectrum, copies_per_collision

__all__ = ["CrossingPlan", "Pools", "compose", "load_pools", "mean_sigma", "plan_crossings"]

_MUON_PT, _MUON_BOOST = 5.0, 8.0
"""Collisions with a real muon above 5 GeV are used more often: muon seeds fire on them, and each copy is measured anew."""


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
        Mean number of soft collisions per crossing, over all crossings.
    """

    pool: CollisionPool
    n_soft: int
    spectrum: HardSpectrum
    soft_mean: float

    @property
    def n_hard(self) -> int:
        """Number of hard collisions in the pool."""
        return len(self.spectrum.scale)


def load_pools(files: PoolFiles, profile: PileupProfile) -> Pools:
    """Read the pools, for crossings with the pileup of `profile`.

    Raises
    ------
    DataError
        If a file is missing or damaged.
    """
    parts = [[read_pool(path) for path in paths] for paths in (files.soft, files.hard, files.signal)]
    sigma_soft, sigma_hard = (mean_sigma([header for _, header in part]) for part in parts[:2])
    hard_pool = CollisionPool.concatenate([pool for pool, _ in parts[1]])
    mean = profile.mean * sigma_hard / sigma_soft
    relative = np.array(profile.mu) / profile.mean
    return Pools(
        CollisionPool.concatenate([pool for part in parts for pool, _ in part]),
        sum(len(pool) for pool, _ in parts[0]),
        HardSpectrum(hard_pool.scale, hard_pool.weight, mean, relative, np.array(profile.probability)),
        profile.mean - mean,
    )


def mean_sigma(headers: Sequence[Mapping[str, Any]]) -> float:
    """Cross section in mb: the mean over jobs, by number of events."""
    events = np.array([header["generated"] for header in headers])
    return float(np.average([header["sigma_mb"] for header in headers], weights=events))


@dataclass(frozen=True, eq=False)
class CrossingPlan:
    """What each crossing of a process is made around.

    Parameters
    ----------
    primary : ndarray of int64, shape (n,)
        Number in the pool of the collision that a crossing is made around, -1 for none.
    hard_mean : ndarray of float64, shape (n,)
        Mean number of further hard collisions at the mean pileup, drawn from the softest of the hard pool.
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
    copies = copies_per_collision(probability, muon_boost(pools), config.sized("hard_crossings"), config.copies_power)
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
    relative = _relative_pileup(plan, pools, rng)
    soft = np.repeat(rows, rng.poisson(pools.soft_mean * relative))
    hard = np.repeat(rows, rng.poisson(plan.hard_mean * relative))
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
    return Composition(len(plan), crossing[order], collision[order], relative)


def _relative_pileup(plan: CrossingPlan, pools: Pools, rng: np.random.Generator) -> NDArray[np.float64]:
    """Pileup of each crossing over the mean one; a plan is of zero bias or of a signal throughout."""
    if len(plan) and plan.primary[0] >= pools.n_soft + pools.n_hard:
        return pools.spectrum.draw_relative_by_collision(len(plan), rng)
    return pools.spectrum.draw_relative(np.where(plan.primary >= 0, plan.primary - pools.n_soft, -1), rng)

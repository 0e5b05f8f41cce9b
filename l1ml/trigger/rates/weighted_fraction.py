"""A weighted fraction of crossings, with an error that knows about copies."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WeightedFraction"]


@dataclass(frozen=True, slots=True)
class WeightedFraction:
    """A weighted fraction of crossings and what stands behind it.

    Parameters
    ----------
    value : float
        ``sum(w pass) / sum(w)``.
    error : float
        One standard deviation; where `is_upper_limit`, the 68.27 % upper limit instead.
    upper_95 : float
        One-sided 95 % upper limit.
    n_events : int
        Raw crossings that pass.
    n_groups : int
        Different generated collisions among them: the independent draws.
    n_effective : float
        ``(sum_g W_g)^2 / sum_g W_g^2`` over passing draws, `W_g` the passing weight of one draw.
    is_upper_limit : bool
        True when nothing passes.
    """

    value: float
    error: float
    upper_95: float
    n_events: int
    n_groups: int
    n_effective: float
    is_upper_limit: bool

"""One seed, recorded and emulated: counts, limits, where it mismatches, and the objects behind the first mismatches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from l1ml.trigger.monitoring.clustering import Clustering
from l1ml.trigger.rates.intervals import clopper_pearson

__all__ = ["MismatchingCrossing", "SeedComparison"]

_COVERAGE = 0.95


@dataclass(frozen=True, slots=True)
class MismatchingCrossing:
    """One crossing in which a seed mismatches.

    Parameters
    ----------
    where : str
        Its identity.
    fires : str
        Which side fires: "recorded" or "emulated".
    deciding : tuple of str
        What each condition says, and the objects that pass; empty where there is no menu or no object.
    """

    where: str
    fires: str
    deciding: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"where": self.where, "fires": self.fires, "deciding": list(self.deciding)}


@dataclass(frozen=True, slots=True)
class SeedComparison:
    """Counts of one seed.

    Parameters
    ----------
    name : str
        The seed.
    level : str
        What was compared: see `l1ml.trigger.monitoring.levels`.
    one_way : bool
        Whether only a recorded bit without emulated one is a mismatch.
    both, only_recorded, only_emulated : int
        Crossings in which it fires.
    in_bx, in_time : Clustering or None
        Whether its mismatches cluster; None without mismatches, without numbers, or where many other seeds mismatch more.
    first : tuple of MismatchingCrossing
        The first mismatches.
    """

    name: str
    level: str
    one_way: bool
    both: int
    only_recorded: int
    only_emulated: int
    in_bx: Clustering | None = None
    in_time: Clustering | None = None
    first: tuple[MismatchingCrossing, ...] = ()

    @property
    def mismatches(self) -> int:
        """Crossings that mismatch."""
        return self.only_recorded + (0 if self.one_way else self.only_emulated)

    @property
    def firings(self) -> int:
        """Crossings that could."""
        return self.both + self.mismatches

    @property
    def rate(self) -> float | None:
        """Share of the firings that mismatch; None if it never fires."""
        return self.mismatches / self.firings if self.firings else None

    @property
    def limits(self) -> tuple[float, float]:
        """Exact 95 % interval of the share (Clopper and Pearson); anything if it never fires."""
        return clopper_pearson(self.mismatches, self.firings, _COVERAGE) if self.firings else (0.0, 1.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        keys = ("name", "level", "one_way", "both", "only_recorded", "only_emulated", "mismatches", "firings", "rate")
        spread = {"in_bx": self.in_bx, "in_time": self.in_time}
        return {
            **{key: getattr(self, key) for key in keys},
            "limits_95": list(self.limits),
            **{key: None if item is None else item.to_dict() for key, item in spread.items()},
            "first": [item.to_dict() for item in self.first],
        }

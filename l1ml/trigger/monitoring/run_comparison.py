"""Everything that a comparison found, and the verdict on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.monitoring.clustering import Clustering
from l1ml.trigger.monitoring.drift import Drift
from l1ml.trigger.monitoring.seed_comparison import SeedComparison
from l1ml.trigger.monitoring.verdict import Limits, Verdict

__all__ = ["Matched", "RunComparison", "Spread"]


@dataclass(frozen=True, slots=True)
class Matched:
    """Which crossings were compared.

    Parameters
    ----------
    by : str
        What made two crossings the same.
    both, only_recorded, only_emulated : int
        How many.
    first_only_recorded : tuple of str
        The first ones without emulation.
    """

    by: str
    both: int
    only_recorded: int = 0
    only_emulated: int = 0
    first_only_recorded: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        names = ("by", "both", "only_recorded", "only_emulated")
        return {**{name: getattr(self, name) for name in names}, "first_only_recorded": list(self.first_only_recorded)}


@dataclass(frozen=True, eq=False, slots=True)
class Spread:
    """Crossings with any mismatch along one axis.

    Parameters
    ----------
    unit : str
        "bx", or what counts the time.
    first, width : int
        Where the first bin begins, and the width of each.
    mismatches, firings : ndarray of int64, shape (n_bins,)
        Crossings with a mismatch of any seed; those in which any seed fires.
    clustering : Clustering
        Whether they cluster.
    """

    unit: str
    first: int
    width: int
    mismatches: NDArray[np.int64]
    firings: NDArray[np.int64]
    clustering: Clustering

    @property
    def worst(self) -> str:
        """The stretches with most mismatches beyond their share, in words."""
        width = self.width * self.clustering.width
        begins = [self.first + self.width * start for start in self.clustering.starts]
        spans = [str(begin) if width == 1 else f"{begin} to {begin + width - 1}" for begin in begins]
        return ", ".join(spans)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        counts = {"mismatches": self.mismatches.tolist(), "firings": self.firings.tolist()}
        return {"unit": self.unit, "first": self.first, "width": self.width, **counts, "clustering": self.clustering.to_dict()}


@dataclass(frozen=True, eq=False, slots=True)
class RunComparison:
    """What `compare_run` found.

    Parameters
    ----------
    recorded, emulated, reference : str
        What was compared with what; the reference may be empty.
    matched : Matched
        Which crossings.
    crossings_with_mismatch : int
        Those of them in which any seed mismatches.
    seeds : tuple of SeedComparison
        Most mismatches first.
    seeds_only_recorded, seeds_only_emulated : tuple of str
        Seeds of one side.
    unsupported : mapping of str to str
        Seeds that could not be emulated, and why.
    in_bx : Spread or None
        Along the orbit; None where crossings have no number.
    in_time : Spread
        Along the run.
    drift : Drift or None
        Against the reference.
    drift_problem : str
        Why there is none although a reference was given.
    limits : Limits
        What is an alarm.
    notes : tuple of str
        What else a reader should know.
    """

    recorded: str
    emulated: str
    reference: str
    matched: Matched
    crossings_with_mismatch: int
    seeds: tuple[SeedComparison, ...]
    seeds_only_recorded: tuple[str, ...]
    seeds_only_emulated: tuple[str, ...]
    unsupported: Mapping[str, str]
    in_bx: Spread | None
    in_time: Spread
    drift: Drift | None
    drift_problem: str
    limits: Limits
    notes: tuple[str, ...] = ()

    @property
    def too_many(self) -> tuple[SeedComparison, ...]:
        """Seeds with more mismatches than are allowed."""
        counts = [np.array([getattr(item, name) for item in self.seeds], np.int64) for name in ("mismatches", "firings")]
        return tuple(item for item, wrong in zip(self.seeds, self.limits.too_many(counts[0], counts[1]), strict=True) if wrong)

    @property
    def verdict(self) -> Verdict:
        """OK, LOOK or ALARM."""
        n_fired = sum(item.firings > 0 for item in self.seeds)
        watched = f", {len(self.drift.quantities)} quantities do not drift" if self.drift is not None else ""
        exact = "agree bit for bit" if not self.crossings_with_mismatch else "mismatch no more than allowed"
        summary = f"{len(self.seeds)} seeds ({n_fired} of them fire) {exact} in {self.matched.both:,} crossings{watched}"
        return Verdict.of(self._alarms(), self._looks(), summary)

    def _alarms(self) -> list[str]:
        found = []
        if wrong := self.too_many:
            worst = wrong[0]
            low, high = (100 * value for value in worst.limits)
            found.append(
                f"{len(wrong)} of {len(self.seeds)} seeds mismatch; most {worst.name}: {worst.mismatches:,} of {worst.firings:,} "
                f"firings (95 %: {low:.3g} to {high:.3g} %), {worst.only_recorded:,} only recorded"
            )
        if self.drift is not None:
            drifting = [item for item in self.drift.quantities if item.adjusted <= self.limits.false_alarms]
            if drifting:
                names = ", ".join(item.name for item in drifting[:3])
                found.append(
                    f"{len(drifting)} of {len(self.drift.quantities)} quantities drift against {self.reference}; "
                    f"strongest {names} (family-wise p = {drifting[0].adjusted:.2g})"
                )
        return found

    def _looks(self) -> list[str]:
        found = []
        mismatching = [item for item in self.seeds if item.mismatches]
        if len(mismatching) > len(self.too_many):
            found.append(f"{len(mismatching) - len(self.too_many)} seeds mismatch within the share that is allowed")
        if self.matched.only_recorded or self.matched.only_emulated:
            matched = self.matched
            found.append(f"{matched.only_recorded:,} crossings are only recorded, {matched.only_emulated:,} only emulated")
        spreads = [item for item in (self.in_bx, self.in_time) if item is not None]
        found += [
            f"mismatches cluster in {item.unit} {item.worst} (p = {item.clustering.p_value:.2g})"
            for item in spreads
            if item.clustering.p_value <= self.limits.false_alarms / len(spreads)
        ]
        if self.drift_problem:
            found.append(f"drift was not tested: {self.drift_problem}")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "format": "l1ml-comparison-1",
            **self.verdict.to_dict(),
            **{name: getattr(self, name) for name in ("recorded", "emulated", "reference")},
            "limits": {"false_alarms": self.limits.false_alarms, "allowed": self.limits.allowed},
            "matched": self.matched.to_dict(),
            "crossings_with_mismatch": self.crossings_with_mismatch,
            "seeds": [item.to_dict() for item in self.seeds],
            "seeds_only_recorded": list(self.seeds_only_recorded),
            "seeds_only_emulated": list(self.seeds_only_emulated),
            "unsupported": dict(self.unsupported),
            "in_bx": None if self.in_bx is None else self.in_bx.to_dict(),
            "in_time": self.in_time.to_dict(),
            "drift": None if self.drift is None else self.drift.to_dict(),
            "drift_problem": self.drift_problem,
            "notes": list(self.notes),
        }

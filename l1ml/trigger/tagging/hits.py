"""What a filter of hits is worth: background hits that it rejects, beside what a neighbour alone tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.trigger.efficiency import Efficiency, efficiency
from l1ml.trigger.tagging.performance import ClassPerformance, TaggingConfig, class_performance
from l1ml.trigger.tagging.working_point import TaggedJets, WorkingPoint, working_points

__all__ = ["HitFilterPerformance", "ScoredHits", "hit_filter_performance"]


@dataclass(frozen=True, slots=True, eq=False)
class ScoredHits:
    """Score words of all sensors, what is hit, what of it is of tracks, and what has a neighbour; shapes (n, n_sensors)."""

    scores: NDArray[np.int64]
    hits: NDArray[np.bool_]
    of_track: NDArray[np.bool_]
    has_neighbour: NDArray[np.bool_]

    @property
    def tagged(self) -> TaggedJets:
        """Scores of the hits of tracks and of background; all hits of a crossing are one draw."""
        return self._tagged(self.scores)

    @property
    def by_neighbour(self) -> TaggedJets:
        """1 in place of the score where a hit has a neighbour, else 0."""
        return self._tagged(self.has_neighbour.astype(np.int64))

    def _tagged(self, values: NDArray[np.int64]) -> TaggedJets:
        crossing = np.broadcast_to(np.arange(len(values))[:, None], values.shape)
        tracks, background = self.hits & self.of_track, self.hits & ~self.of_track
        if not tracks.any() or not background.any():
            msg = f"received {int(tracks.sum())} hits of tracks and {int(background.sum())} of background: generate more"
            raise DataError(msg)
        return TaggedJets(values[tracks], values[background], crossing[tracks], crossing[background])


@dataclass(frozen=True, slots=True)
class HitFilterPerformance:
    """Curve and thresholds of the score; what a neighbour alone keeps, and the score where it keeps as many hits of tracks."""

    filter: ClassPerformance
    neighbour_signal: Efficiency
    neighbour_background: Efficiency
    instead: WorkingPoint

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `classes` has one class, the hits of tracks."""
        neighbour = {"signal": self.neighbour_signal.to_dict(), "background": self.neighbour_background.to_dict()}
        return {"classes": {"track": self.filter.to_dict()}, "neighbour": neighbour, "instead": self.instead.to_dict()}


def hit_filter_performance(derived: ScoredHits, tried: ScoredHits, config: TaggingConfig) -> HitFilterPerformance:
    """Performance on the crossings `tried`, at thresholds from those `derived`; neither has been trained on.

    Raises
    ------
    DataError
        If either has no hit of a track or no background.
    """
    alone, kept = tried.by_neighbour, float((derived.by_neighbour.signal > 0).mean())
    (instead,), _ = working_points(derived.tagged, tried.tagged, [kept], [])
    signal, background = (
        efficiency(values > 0, group)
        for values, group in ((alone.signal, alone.signal_group), (alone.background, alone.background_group))
    )
    return HitFilterPerformance(class_performance(derived.tagged, tried.tagged, config), signal, background, instead)

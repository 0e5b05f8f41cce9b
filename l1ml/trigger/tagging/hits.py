"""What a filter of hits is worth: background hits that it rejects, beside what the number of neighbours alone tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.trigger.tagging.performance import ClassPerformance, TaggingConfig, class_performance
from l1ml.trigger.tagging.working_point import TaggedJets, WorkingPoint, working_points

__all__ = ["HitFilterPerformance", "ScoredHits", "hit_filter_performance"]


@dataclass(frozen=True, slots=True, eq=False)
class ScoredHits:
    """Score words of all sensors, what is hit, what of it is of tracks, and how many neighbours; shapes (n, n_sensors)."""

    scores: NDArray[np.int64]
    hits: NDArray[np.bool_]
    of_track: NDArray[np.bool_]
    n_neighbours: NDArray[np.int64]

    @property
    def tagged(self) -> TaggedJets:
        """Scores of the hits of tracks and of background; all hits of a crossing are one draw."""
        return self._tagged(self.scores)

    @property
    def counted(self) -> TaggedJets:
        """The number of neighbours in place of the score."""
        return self._tagged(self.n_neighbours)

    def _tagged(self, values: NDArray[np.int64]) -> TaggedJets:
        crossing = np.broadcast_to(np.arange(len(values))[:, None], values.shape)
        tracks, background = self.hits & self.of_track, self.hits & ~self.of_track
        if not tracks.any() or not background.any():
            msg = f"received {int(tracks.sum())} hits of tracks and {int(background.sum())} of background: generate more"
            raise DataError(msg)
        return TaggedJets(values[tracks], values[background], crossing[tracks], crossing[background])


@dataclass(frozen=True, slots=True)
class HitFilterPerformance:
    """Curve and thresholds of the score; a threshold on the number of neighbours, and the score where it keeps as many tracks."""

    filter: ClassPerformance
    counting: WorkingPoint
    instead: WorkingPoint

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `classes` has one class, the hits of tracks."""
        points = {"counting": self.counting.to_dict(), "instead": self.instead.to_dict()}
        return {"classes": {"track": self.filter.to_dict()}, **points}


def hit_filter_performance(
    derived: ScoredHits, tried: ScoredHits, config: TaggingConfig, *, kept: float = 0.95
) -> HitFilterPerformance:
    """Performance on the crossings `tried`, at thresholds from those `derived`; neither has been trained on.

    Counting asks for the most neighbours that leave at least the share `kept` of the hits of tracks.

    Raises
    ------
    DataError
        If either has no hit of a track or no background.
    """
    (counting,), _ = working_points(derived.counted, tried.counted, [kept], [])
    as_many = float((derived.counted.signal >= counting.threshold).mean())
    (instead,), _ = working_points(derived.tagged, tried.tagged, [as_many], [])
    return HitFilterPerformance(class_performance(derived.tagged, tried.tagged, config), counting, instead)

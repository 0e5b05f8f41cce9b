"""Thresholds on the margin of a class, derived on some jets and tried on others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.efficiency import Efficiency, efficiency

__all__ = ["TaggedJets", "WorkingPoint", "working_points"]

_FEWEST = 10
"""Background jets that must be expected above a threshold, for it to be derived."""


@dataclass(frozen=True, slots=True, eq=False)
class TaggedJets:
    """Margins of one class: of its own jets and of all others, each with the collision that it is from."""

    signal: NDArray[np.int64]
    background: NDArray[np.int64]
    signal_group: NDArray[Any]
    background_group: NDArray[Any]


@dataclass(frozen=True, slots=True)
class WorkingPoint:
    """One threshold.

    Parameters
    ----------
    wanted : str
        What the `target` is a share of: "signal" or "background".
    target : float
        Share that the threshold was derived to keep.
    threshold : int
        Least margin, in counts.
    signal, background : Efficiency
        What it keeps of the jets that it is tried on.
    """

    wanted: str
    target: float
    threshold: int
    signal: Efficiency
    background: Efficiency

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        shares = {"signal": self.signal.to_dict(), "background": self.background.to_dict()}
        return {"wanted": self.wanted, "target": self.target, "threshold": self.threshold, **shares}


def working_points(
    derived: TaggedJets, tried: TaggedJets, signal_shares: Sequence[float], background_shares: Sequence[float]
) -> tuple[list[WorkingPoint], list[dict[str, Any]]]:
    """Thresholds that keep given shares of the `derived` jets, with what they keep of those `tried`, and what is not to be had.

    A threshold is the lowest that keeps no more than a share of the background, or the highest that keeps no less than one of the
    signal. The jets that it is tried on have no part in it: their shares differ from the target by what either sample fluctuates.

    Returns
    -------
    tuple
        Points, and of each share of the background for which the jets are too few the share and the reason.
    """
    points = [_tried("signal", share, _keeping_signal(derived.signal, share), tried) for share in signal_shares]
    unresolved = []
    for share in background_shares:
        needed = ceil(_FEWEST / share)
        if len(derived.background) < needed:
            reason = f"a background share of {share:g} needs {needed:,} background jets, there are {len(derived.background):,}"
            unresolved.append({"target": share, "reason": reason})
            continue
        points.append(_tried("background", share, _keeping_background(derived.background, share), tried))
    return points, unresolved


def _keeping_signal(margins: NDArray[np.int64], share: float) -> int:
    """The highest threshold that keeps at least `share`."""
    falling = np.sort(margins)[::-1]
    return int(falling[max(ceil(share * len(falling)), 1) - 1])


def _keeping_background(margins: NDArray[np.int64], share: float) -> int:
    """The lowest threshold that keeps at most `share`: just above the first word that would be too many."""
    falling = np.sort(margins)[::-1]
    allowed = int(share * len(falling))
    return int(falling[allowed]) + 1 if allowed < len(falling) else int(falling[-1])


def _tried(wanted: str, target: float, threshold: int, jets: TaggedJets) -> WorkingPoint:
    shares = (
        efficiency(margins >= threshold, group)
        for margins, group in ((jets.signal, jets.signal_group), (jets.background, jets.background_group))
    )
    return WorkingPoint(wanted, target, threshold, *shares)

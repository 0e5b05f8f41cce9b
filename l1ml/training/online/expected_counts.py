"""Histograms of what a flow has learned, by member."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from l1ml.training.online.online_flow import OnlineFlow
from l1ml.training.online.settings import Quantity

__all__ = ["expected_counts"]


def expected_counts(
    flow: OnlineFlow, name: str, edges: Sequence[float], cuts: Sequence[Quantity] = (), *, points: int = 200_000
) -> NDArray[np.float64]:
    """Weight of the learned events in each bin of one quantity, as each member of the ensemble expects it.

    Without cuts the first quantity is exact. Others are counted over the points of a lattice, whose error falls nearly as one
    over their number.

    Parameters
    ----------
    flow : OnlineFlow
        Has learned.
    name : str
        The quantity.
    edges : sequence of float
        Rising.
    cuts : sequence of Quantity
        Ranges of other quantities, or of this one, that events lie in.
    points : int
        Of the lattice.

    Returns
    -------
    ndarray, shape (members + 1, bins)
        Row 0 saw each event once; the scatter of the others is the statistical error.

    Raises
    ------
    ConfigError
        If the flow has no such quantity.
    """
    column = flow.column(name)
    if column == 0 and not cuts:
        return np.asarray(flow.yields[:, None] * np.diff(flow.shares_below(edges), axis=1))
    events = flow.events_of(_lattice(points, len(flow.quantities)))
    inside = np.ones(events.shape[:2], bool)
    for cut in cuts:
        values = events[..., flow.column(cut.name)]
        inside &= (values >= cut.low) & (values < cut.high)
    counts = [np.histogram(row[kept, column], edges)[0] for row, kept in zip(events, inside, strict=True)]
    return np.asarray(flow.yields[:, None] * np.stack(counts) / points)


def _lattice(n: int, d: int) -> NDArray[np.float64]:
    """`n` points that fill the unit box evenly: multiples of the powers of the root of x^(d+1) = x + 1."""
    root = 2.0
    for _ in range(60):
        root = (1.0 + root) ** (1.0 / (d + 1))
    return (0.5 + np.arange(1, n + 1)[:, None] / root ** np.arange(1, d + 1)) % 1.0

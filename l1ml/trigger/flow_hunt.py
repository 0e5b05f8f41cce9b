"""A bump in the density that a flow kept of a stream, beside what prescaled triggers would see of the same stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.training.online import OnlineFlow, Quantity, expected_counts
from l1ml.trigger.bump_hunt import Bump, BumpHunt

__all__ = ["FlowHunt", "hunt_in_flow"]


@dataclass(frozen=True, slots=True, eq=False)
class FlowHunt:
    """What was found.

    Parameters
    ----------
    quantity : str
        Where.
    hunt : BumpHunt
        Bins and window.
    counts, errors, background : ndarray, shape (bins,)
        Expected events, their scatter over the members, and the fit to the bins beside the window.
    bump : Bump
        With the error of the ensemble.
    prescaled : mapping of float to Bump
        For each prescale what it would see on average, with the errors of counts: an expectation, not data. Where events have
        weights, those of every bin are taken to spread alike.
    misfit : tuple of (float, int)
        Chi-square of the background beside the window and its degrees of freedom, with the errors of the members or those of
        counting all events, whichever are larger: far above one for each degree, the background has another shape, and the
        significance means nothing.
    """

    quantity: str
    hunt: BumpHunt
    counts: NDArray[np.float64]
    errors: NDArray[np.float64]
    background: NDArray[np.float64]
    bump: Bump
    prescaled: dict[float, Bump]
    misfit: tuple[float, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "quantity": self.quantity,
            "window": list(self.hunt.window),
            "edges": list(self.hunt.edges),
            "counts": self.counts.tolist(),
            "errors": self.errors.tolist(),
            "background": self.background.tolist(),
            "bump": _of(self.bump),
            "misfit": {"chi2": self.misfit[0], "degrees": self.misfit[1]},
            "prescaled": [{"prescale": prescale, **_of(bump)} for prescale, bump in self.prescaled.items()],
        }


def _of(bump: Bump) -> dict[str, float]:
    return {**asdict(bump), "excess": bump.excess, "significance": bump.significance}


def hunt_in_flow(
    flow: OnlineFlow, quantity: str, hunt: BumpHunt, cuts: Sequence[Quantity] = (), prescales: Sequence[float] = ()
) -> FlowHunt:
    """Look in the window of `hunt` for a bump of `quantity`, among the events that `cuts` leave.

    Raises
    ------
    ConfigError
        If the flow has no such quantity.
    DataError
        If too little is beside the window.
    """
    counts = expected_counts(flow, quantity, hunt.edges, cuts)
    unit = flow.squares / flow.yields[0]  # weight of one event, if all had the same and knew as much
    prescaled = {prescale: hunt.of_events(counts[0] / (unit * prescale), unit * prescale) for prescale in prescales}
    errors = np.std(counts[1:], axis=0, ddof=1)
    background = hunt.background(counts[0])
    misfit = hunt.misfit(counts[0], np.maximum(background * unit, errors**2))
    return FlowHunt(quantity, hunt, counts[0], errors, background, hunt.of_members(counts), prescaled, misfit)

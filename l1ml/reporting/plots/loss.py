"""Loss against epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from l1ml.reporting.plots.appearance import COLOURS, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = ["LossArtists", "plot_loss"]

_LABELS = {"loss": "training", "val_loss": "validation"}


class LossArtists(NamedTuple):
    """What `plot_loss` drew."""

    ax: Axes
    curves: dict[str, Line2D]


def plot_loss(result: Mapping[str, Any], *, ax: Axes | None = None) -> LossArtists:
    """Training and validation loss of each epoch.

    Parameters
    ----------
    result : mapping
        ``report["training"]``: `losses` by name, and `best_epoch` (counted from 1) if there is one.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    ax = axes_or_new(ax)
    curves = {}
    for name, colour in zip(_LABELS, COLOURS, strict=False):
        values = result["losses"].get(name, [])
        if values:
            epochs = range(1, len(values) + 1)
            (curves[name],) = ax.plot(epochs, values, color=colour, label=_LABELS[name])
    if result.get("best_epoch"):
        ax.axvline(result["best_epoch"], color="grey", linestyle=":", label=f"kept: epoch {result['best_epoch']}")
    ax.set(xlabel="epoch", ylabel="loss per crossing")
    ax.legend(loc="upper right")
    return LossArtists(ax, curves)

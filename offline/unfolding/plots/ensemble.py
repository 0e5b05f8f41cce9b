"""What the data leave open: every member of an ensemble beside the nominal result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.errors import DataError, nearest
from offline.unfolding.plots.panels import COLOURS, axes_or_new, axis_label, band, kind_label, plain
from offline.unfolding.sample import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import StepPatch

    from offline.unfolding.spectrum import Spectrum

__all__ = ["EnsembleArtists", "plot_ensemble"]


class EnsembleArtists(NamedTuple):
    """What `plot_ensemble` drew."""

    ax: Axes
    members: list[StepPatch]


def plot_ensemble(
    result: Mapping[str, Any] | Spectrum,
    truth: FloatArray | None = None,
    *,
    kind: str = "ensemble",
    unit: str = "",
    ax: Axes | None = None,
) -> EnsembleArtists:
    """Members over the nominal result, with the band that holds the middle 68 % of them in each bin.

    Parameters
    ----------
    result : mapping or Spectrum
        Of one quantity, with replicas of the `kind`.
    truth : ndarray of float64, shape (bins,), optional
        True yields, or shares if the spectrum is normalised.
    kind : str
        ``ensemble`` shows where the response carries no information, ``data`` and ``mc`` their fluctuations.
    unit : str
        Unit of the quantity; empty where it has none.
    ax : Axes, optional
        Where to draw; a new figure when absent.

    Raises
    ------
    DataError
        If there are no such replicas, or more than one quantity.
    """
    values = plain(result)
    if kind not in values["replicas"] or len(values["names"]) != 1:
        msg = f"no replicas {kind!r} of one quantity among those of {values['names']}; {nearest(kind, values['replicas'])}"
        raise DataError(msg)
    ax = axes_or_new(ax)
    edges, nominal = np.asarray(values["edges"][0]), np.asarray(values["values"])
    filled = np.where(nominal > 0, nominal, np.nan)
    ratios = np.asarray(values["replicas"][kind]) / filled
    low, high = np.quantile(ratios, [0.16, 0.84], axis=0)
    band(ax, edges, low, high, color=COLOURS[0], alpha=0.3, linewidth=0, label=f"68 % of {len(ratios)}: {kind_label(kind)}")
    members = [ax.stairs(row, edges, color=COLOURS[0], linewidth=0.6, alpha=0.6, baseline=None) for row in ratios]
    if truth is not None:
        ax.stairs(np.asarray(truth) / filled, edges, color=COLOURS[1], linewidth=2.0, baseline=None, label="truth")
    ax.axhline(1.0, color="black", linewidth=1.0, label="nominal")
    shown = [ratios - 1] if truth is None else [ratios - 1, (np.asarray(truth) / filled - 1)[None]]
    reach = float(np.clip(1.3 * np.nanquantile(np.abs(np.concatenate(shown)), 0.95), 0.01, 1.0))
    ax.set(xlim=(edges[0], edges[-1]), ylim=(1 - reach, 1 + 1.5 * reach), xlabel=axis_label(values["names"][0], "gen", unit))
    ax.set_ylabel("ratio to nominal")
    ax.legend(loc="upper center", ncols=2)
    return EnsembleArtists(ax, members)

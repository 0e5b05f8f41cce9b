"""Figures of a validation: spectra, multiplicities and rates of generated and recorded crossings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data.events import Events
from l1ml.reporting.plots.appearance import COLOURS, typeset
from l1ml.reporting.rendering import RenderedFigure, field_style, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Spectrum", "leading_spectrum", "render_validation_figures", "spectrum_of"]

_EDGES: Mapping[str, Sequence[float]] = {
    "muon": (0, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50),
    "egamma": (0, 2.5, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50),
    "tau": (0, 3, 5, 7, 10, 12, 15, 20, 25, 30, 40, 60),
    "jet": (0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 120),
    "ett": tuple(range(0, 601, 40)),
    "ettem": tuple(range(0, 301, 20)),
    "htt": (0, 30, 40, 50, 60, 80, 100, 150, 200),
    "htm": (0, 30, 40, 50, 60, 80, 100, 150),
    "htmhf": (0, 30, 40, 50, 60, 80, 100, 150),
    "etm": tuple(range(0, 61, 5)),
    "etmhf": tuple(range(0, 61, 5)),
    "towercount": tuple(range(0, 801, 50)),
}
_LISTS = ("muon", "egamma", "tau", "jet")
_STYLE = {"font.size": 16, "legend.frameon": False}


@dataclass(frozen=True, slots=True)
class Spectrum:
    """One distribution of both samples.

    Parameters
    ----------
    quantity, unit : str
        What is on the axis.
    edges : tuple of float
        Of the bins; what is beyond the last one is in the last bin.
    recorded, recorded_error, generated, generated_error : tuple of float
        Objects or crossings per crossing, in each bin.
    per_object : bool
        Whether objects are counted.
    """

    quantity: str
    unit: str
    edges: tuple[float, ...]
    recorded: tuple[float, ...]
    recorded_error: tuple[float, ...]
    generated: tuple[float, ...]
    generated_error: tuple[float, ...]
    per_object: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def spectrum_of(name: str, recorded: Events, generated: Events) -> Spectrum:
    """Spectrum of pt, or of the count of towers, of the object `name`."""
    edges = np.asarray(_EDGES[name], dtype=np.float64)
    first, second = (_histogram(name, events, edges) for events in (recorded, generated))
    values = [tuple(float(value) for value in column) for column in (*first, *second)]
    unit = "" if name == "towercount" else "GeV"
    return Spectrum(name, unit, tuple(edges.tolist()), values[0], values[1], values[2], values[3], name in _LISTS)


def leading_spectrum(name: str, edges: NDArray[np.float64], recorded: Events, generated: Events) -> Spectrum:
    """Spectrum of the pt of the leading object `name`, of all crossings given."""
    first, second = (_histogram(name, events, edges, slots=1) for events in (recorded, generated))
    values = [tuple(float(value) for value in column) for column in (*first, *second)]
    return Spectrum(f"leading {name}", "GeV", tuple(edges.tolist()), values[0], values[1], values[2], values[3], per_object=True)


def _histogram(
    name: str, events: Events, edges: NDArray[np.float64], slots: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted mean number in each bin and its error, in the first `slots`; crossings of a group count as one draw."""
    field = "count" if name == "towercount" else "pt"
    values = events.schema.object(name).field(field).scale.to_physical(events.collections[name][f"hw_{field}"][:, :slots])
    valid = events.valid(name)[:, :slots] if name in _LISTS else np.ones(values.shape, dtype=np.bool_)
    bins = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    n_bins = len(edges) - 1
    _, draw = np.unique(events.group, return_inverse=True)
    row = np.broadcast_to(np.arange(events.n)[:, None], values.shape)[valid]
    place = draw[row] * n_bins + bins[valid]
    per_draw = np.bincount(place, events.weight[row], (draw.max() + 1) * n_bins).reshape(-1, n_bins)
    total = events.weight.sum()
    share = np.bincount(draw, events.weight)[:, None] / total
    mean = per_draw.sum(axis=0) / total
    return mean, np.sqrt(np.square(per_draw / total - share * mean).sum(axis=0))


def render_validation_figures(spectra: Sequence[Spectrum], samples: Mapping[str, Mapping[str, Any]]) -> Iterator[RenderedFigure]:
    """Spectra of the objects, and of the sums."""
    groups = {
        "objects": ("Objects per crossing in each bin of pt.", [item for item in spectra if item.per_object]),
        "sums": ("Share of crossings in each bin of the sums.", [item for item in spectra if not item.per_object]),
    }
    for name, (caption, chosen) in groups.items():
        if chosen:
            note = " Points are recorded with their statistical error, bands generated; the last bin holds all beyond it."
            yield RenderedFigure(name, caption + note, _png(chosen, samples))


def _png(spectra: Sequence[Spectrum], samples: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Panels of up to three in a row."""
    with field_style(_STYLE):
        columns = 2 if len(spectra) <= 4 else 3
        rows = -(-len(spectra) // columns)
        figure = require("matplotlib.figure").Figure(figsize=(6.5 * columns, 6.5 * rows), layout="constrained")
        axes = figure.subplots(2 * rows, columns, height_ratios=[3, 1] * rows, squeeze=False)
        for place in range(rows * columns):
            upper, lower = axes[2 * (place // columns) : 2 * (place // columns) + 2, place % columns]
            if place < len(spectra):
                draw_spectrum(spectra[place], upper, lower)
            else:
                upper.set_visible(False)
                lower.set_visible(False)
        axes[0, 0].legend(loc="upper right", fontsize="small")
        names = " / ".join(f"{kind}: {sample['name']} ({sample['crossings']:,})" for kind, sample in samples.items())
        figure.suptitle(names, fontsize="small")
        return png(figure)


def draw_spectrum(item: Spectrum, upper: Axes, lower: Axes) -> None:
    """One distribution and, below, generated over recorded with the factor of two."""
    edges = np.asarray(item.edges)
    centre, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    recorded, generated = np.asarray(item.recorded) / width, np.asarray(item.generated) / width
    errors = np.asarray(item.recorded_error) / width, np.asarray(item.generated_error) / width
    seen = recorded > 0
    upper.stairs(np.where(generated > 0, generated, np.nan), edges, color=COLOURS[0], linewidth=2.0, label="generated")
    band: dict[str, Any] = {"fill": True, "color": COLOURS[0], "alpha": 0.3}
    upper.stairs(generated + errors[1], edges, baseline=np.maximum(generated - errors[1], 1e-12), **band)
    bars = np.minimum(errors[0], recorded * 0.999), errors[0]
    upper.errorbar(centre[seen], recorded[seen], [bar[seen] for bar in bars], fmt="o", color="black", label="recorded")
    lowest = min(float(recorded[seen].min(initial=1.0)), float(generated[generated > 0].min(initial=1.0)))
    upper.set(yscale="log", xlim=(edges[0], edges[-1]), ylim=(max(lowest / 3, 1e-6), None), ylabel="per crossing and unit")
    upper.set_xticklabels([])
    ratio = np.divide(generated, recorded, out=np.full_like(recorded, np.nan), where=seen)
    relative = np.divide(errors[0], recorded, out=np.zeros_like(recorded), where=seen)
    lower.axhspan(0.5, 2.0, color="grey", alpha=0.2)
    lower.errorbar(centre, ratio, np.minimum(ratio * relative, ratio * 0.999), fmt="o", color=COLOURS[0])
    name = typeset(f"{item.quantity} pt" if item.per_object else item.quantity)
    label = f"{name} [{item.unit}]" if item.unit else name
    lower.set(yscale="log", ylim=(0.1, 10), xlim=(edges[0], edges[-1]), xlabel=label, ylabel="gen / rec")

"""All figures of a judgement, as PNG bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from l1ml._optional import require
from l1ml.reporting.rendering import RenderedFigure, field_style, png
from offline.calorimeter.judging import plots
from offline.calorimeter.judging.published import Submission

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["render_figures"]

_STYLE = {"font.size": 18, "lines.linewidth": 2.0, "legend.frameon": False, "axes.formatter.useoffset": False}
_ROWS = {
    "truth": "true",
    "generated": "generated,\nat random",
    "invented": "generated,\nsmallest weight",
    "missed": "true,\nlargest weight",
}


def render_figures(content: Mapping[str, Any], published: Sequence[Submission] = ()) -> list[RenderedFigure]:
    """Figures of what `Judgement.to_dict` gives, in the order of the page; of quality against time where it is known.

    Parameters
    ----------
    content : mapping
        The judgement.
    published : sequence of Submission
        To draw beside it.
    """
    with field_style(_STYLE):
        return [RenderedFigure(name, caption, png(figure)) for name, caption, figure in _figures(content, published)]


def _figures(content: Mapping[str, Any], published: Sequence[Submission]) -> Iterator[tuple[str, str, Figure]]:
    yield "average", "Average shower by layer and ring in MeV: truth, generated, and their ratio.", _average(content["pictures"])
    caption = "Single showers by layer and ring in MeV, above each the energy of its particle; the lower rows are the worst ones."
    yield "singles", caption, _singles(content["pictures"])
    for name, what in (("depth", "layer"), ("radius", "ring")):
        caption = f"Mean share of the energy of the particle in each {what}, with standard errors."
        yield name, caption, _single(partial(plots.plot_profile, content["profiles"][name]))
    if content["response"]:
        caption = "Mean response and resolution, generated over true, by energy."
        yield "response", caption, _single(partial(plots.plot_response, content["response"]))
    caption = "Response, and the features that are furthest above their floors; outer bins hold what is beyond."
    yield "features", caption, _grid([partial(plots.plot_histogram, each) for each in content["histograms"]])
    for kind, found in content["classifiers"].items():
        inputs = {"high": "features", "low": "voxels"}[kind]
        caption = f"Weights of the classifier of {inputs} on true and generated showers; dotted lines open the tails."
        yield f"weights_{kind}", caption, _single(partial(plots.plot_weights, found["weights"]))
    own = _own(content)
    if published:
        caption = "Published submissions, on Geant4 showers, and what is judged here, which need not be: area under the curve."
        yield "pareto", caption, _single(partial(plots.plot_pareto, published, own), (11.0, 8.0))


def _own(content: Mapping[str, Any]) -> tuple[float, float] | None:
    """Time at batch 100 and area, where both are known."""
    times = [each["median_ms"] for each in content["timing"] if each["batch"] == 100]
    return (times[0], content["classifiers"]["high"]["auc"]) if times and "high" in content["classifiers"] else None


def _figure(width: float, height: float) -> Figure:
    made: Figure = require("matplotlib.figure").Figure(figsize=(width, height), layout="constrained")
    return made


def _single(draw: Callable[..., Any], size: tuple[float, float] = (9.0, 8.0)) -> Figure:
    figure = _figure(*size)
    draw(ax=figure.subplots())
    return figure


def _grid(draws: Sequence[Callable[..., Any]], columns: int = 3) -> Figure:
    rows = -(-len(draws) // columns)
    figure = _figure(7.0 * columns, 6.0 * rows)
    places = figure.add_gridspec(rows, columns)
    for index, draw in enumerate(draws):
        draw(ax=figure.add_subplot(places[index // columns, index % columns]))
    return figure


def _average(pictures: Mapping[str, Any]) -> Figure:
    figure = _figure(21.0, 5.5)
    axes = figure.subplots(1, 3)
    largest = max(*pictures["truth"], *pictures["generated"])
    for ax, side in zip(axes, ("truth", "generated"), strict=False):
        drawn = plots.plot_rings(pictures, np.asarray(pictures[side]), largest=largest, ax=ax)
        figure.colorbar(drawn.rings, ax=ax, label="E [MeV]")
        ax.set_title(side)
    drawn = plots.plot_ring_ratio(pictures, ax=axes[2])
    ticks = (0.5, 0.7, 1.0, 1.4, 2.0)
    scale = figure.colorbar(drawn.rings, ax=axes[2], label="generated / true", ticks=ticks, format="{x:g}")
    scale.minorticks_off()
    return figure


def _singles(pictures: Mapping[str, Any]) -> Figure:
    """One row for each kind; all on one scale."""
    kinds = {kind: picked for kind, picked in pictures["singles"].items() if picked["rows"]}
    columns = max(len(picked["rows"]) for picked in kinds.values())
    figure = _figure(4.6 * columns, 3.9 * len(kinds))
    axes = figure.subplots(len(kinds), columns, squeeze=False, sharex=True, sharey=True)
    largest = max(np.max(picked["energies"]) for picked in kinds.values())
    for row, (kind, picked) in zip(axes, kinds.items(), strict=True):
        for ax, energies, incident in zip(row, picked["energies"], picked["incident_energy"], strict=False):
            drawn = plots.plot_rings(pictures, np.asarray(energies), largest=largest, ax=ax)
            ax.set_title(f"{incident / 1000:.3g} GeV", fontsize=15)
            ax.label_outer()
        row[0].set_ylabel(f"{_ROWS[kind]}\nr [mm]", fontsize=15)
    figure.colorbar(drawn.rings, ax=axes, label="E [MeV]", shrink=0.5)
    return figure

"""All figures of a result, as PNG files in the field's style."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from l1ml._optional import require
from l1ml.reporting.rendering import field_style, png
from l1ml.storage import write_bytes
from offline.unfolding import plots
from offline.unfolding.diagnostics import Diagnosis
from offline.unfolding.diagnostics.comparison import compare_gen, compare_reco
from offline.unfolding.diagnostics.coverage import Coverage
from offline.unfolding.diagnostics.triangular import bins_for
from offline.unfolding.diagnostics.weight_quality import weight_quality
from offline.unfolding.inputs import Inputs
from offline.unfolding.spectrum import Spectrum
from offline.unfolding.unfolded import Unfolded

__all__ = ["write_figures"]

_STYLE = {"font.size": 22, "lines.linewidth": 2.0, "legend.frameon": False, "axes.formatter.useoffset": False}
_SIZE = (11.0, 10.0)
_BINS = 25

Draw = Callable[..., Any]
"""A plot, perhaps with all arguments given but the axes."""


def write_figures(
    folder: Path,
    unfolded: Unfolded,
    inputs: Inputs | None = None,
    diagnosis: Diagnosis | None = None,
    coverage: Coverage | None = None,
) -> list[Path]:
    """Draw everything that can be drawn, and write it to `folder`.

    Parameters
    ----------
    folder : Path
        Where to.
    unfolded : Unfolded
        The result: weights, spectra with their errors and correlations.
    inputs : Inputs, optional
        What it was made of: spectra beside simulation and truth, data beside what is folded back.
    diagnosis : Diagnosis, optional
        Distances, convergence, bottom line.
    coverage : Coverage, optional
        Over toys.

    Returns
    -------
    list of Path
        The files.
    """
    paths = []
    with field_style(_STYLE):
        for name, draw in _figures(unfolded, inputs, diagnosis, coverage):
            figure = require("matplotlib.figure").Figure(figsize=_SIZE, layout="constrained")
            draw(ax=figure.subplots())
            paths.append(folder / f"{_file_name(name)}.png")
            write_bytes(paths[-1], png(figure))
    return paths


def _figures(
    unfolded: Unfolded, inputs: Inputs | None, diagnosis: Diagnosis | None, coverage: Coverage | None
) -> Iterator[tuple[str, Draw]]:
    """Name and plot of each figure."""
    yield "weights", partial(plots.plot_weights, weight_quality(unfolded.weight))
    units = unfolded.record.get("units", {})
    for quantity in unfolded.names:
        for name, draw in _spectrum_figures(unfolded, quantity):
            yield name, partial(draw, unit=units.get(quantity, ""))
    if inputs is not None:
        for quantity in unfolded.names:
            compared = compare_gen(unfolded, inputs.mc, quantity, inputs.nature)
            yield f"gen_{quantity}", partial(plots.plot_comparison, compared, unit=units.get(quantity, ""))
        for quantity in inputs.data.names:
            compared = compare_reco(unfolded, inputs.mc, inputs.data, quantity)
            yield f"reco_{quantity}", partial(plots.plot_comparison, compared, unit=units.get(quantity, ""))
    if diagnosis is not None:
        yield from _diagnosis_figures(diagnosis)
    if coverage is not None:
        yield "coverage", partial(plots.plot_coverage, coverage)


def _spectrum_figures(unfolded: Unfolded, quantity: str) -> Iterator[tuple[str, Draw]]:
    """Errors and correlations of one quantity, where there are replicas."""
    if not unfolded.replicas:
        return
    spectrum = Spectrum.of(unfolded, {quantity: bins_for(unfolded.column(quantity), unfolded.weight, _BINS)})
    yield f"errors_{quantity}", partial(plots.plot_errors, spectrum)
    yield f"correlation_{quantity}", partial(plots.plot_correlation, spectrum)
    if "ensemble" in spectrum.replicas:
        yield f"ensemble_{quantity}", partial(plots.plot_ensemble, spectrum)


def _diagnosis_figures(diagnosis: Diagnosis) -> Iterator[tuple[str, Draw]]:
    """Figures of the parts that a diagnosis has."""
    parts: dict[str, tuple[Draw, Any]] = {
        "convergence": (plots.plot_convergence, diagnosis.convergence),
        "closure": (plots.plot_closure, diagnosis.closure),
        "fold_back": (plots.plot_fold_back, diagnosis.fold_back),
        "bottom_line": (plots.plot_bottom_line, diagnosis.bottom_line),
    }
    for name, (plot, part) in parts.items():
        if part:
            yield name, partial(plot, part)


def _file_name(name: str) -> str:
    """`name` without what file systems do not take."""
    return "".join(letter if letter.isalnum() or letter in "_-." else "-" for letter in name)

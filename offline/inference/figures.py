"""All figures of what was learnt from a configuration, as PNG files in the field's style."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from l1ml._optional import require
from l1ml.reporting.rendering import field_style, png
from l1ml.storage import write_bytes
from offline.inference import plots
from offline.inference.arrays import FloatArray
from offline.inference.configuration import InferenceConfig
from offline.inference.diagnostics import RatioCalibration
from offline.inference.gold.settings import GoldNetwork
from offline.inference.networks.settings import RatioNetwork
from offline.inference.study import draws_for, judge, scan

__all__ = ["write_figures"]

_STYLE = {"font.size": 22, "lines.linewidth": 2.0, "legend.frameon": False, "axes.formatter.useoffset": False}
_SIZE = (11.0, 10.0)
_DRAWS = 10_000


def write_figures(folder: Path, config: InferenceConfig, x: FloatArray | None = None) -> list[Path]:
    """Draw the diagnostics, and what an observation says, and write them to `folder`; the files.

    Parameters
    ----------
    folder : Path
        Where to.
    config : InferenceConfig
        Trained already.
    x : ndarray of float64, shape (m, k), optional
        An observation, see `read_observation`.
    """
    paths = []
    with field_style(_STYLE):
        for name, draw in _diagnostics(config):
            figure = require("matplotlib.figure").Figure(figsize=_SIZE, layout="constrained")
            draw(ax=figure.subplots())
            paths.append(_written(folder, name, figure))
        if x is not None:
            paths.append(_written(folder, *_observed(config, x)))
    return paths


def _diagnostics(config: InferenceConfig) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Name and plot of each test."""
    found = judge(config)
    if isinstance(found, RatioCalibration):
        yield "calibration", partial(plots.plot_ratio_calibration, found)
        return
    yield "ranks", partial(plots.plot_ranks, found.ranks)
    yield "coverage_of_balls", partial(plots.plot_coverage, found.balls)
    if found.densest is not None:
        yield "coverage_of_highest_density", partial(plots.plot_coverage, found.densest)


def _observed(config: InferenceConfig, x: FloatArray) -> tuple[str, Any]:
    """Name and figure of what an observation says."""
    if isinstance(config.network, (RatioNetwork, GoldNetwork)):
        prior, found = scan(config, x)
        figure = require("matplotlib.figure").Figure(figsize=_SIZE, layout="constrained")
        plots.plot_scan(found, prior.names, ax=figure.subplots())
        return "scan", figure
    prior, draws = draws_for(config, x, _DRAWS)
    return "posterior", plots.plot_posterior(prior.names, draws)


def _written(folder: Path, name: str, figure: Any) -> Path:
    path = folder / f"{name}.png"
    write_bytes(path, png(figure))
    return path

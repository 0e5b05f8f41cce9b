"""Examples by name: each runs from nothing in minutes, and leaves numbers and figures in a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l1ml._optional import require
from l1ml.errors import ConfigError, nearest
from l1ml.progress import SILENT, Progress
from l1ml.reporting.rendering import field_style, png
from l1ml.storage import write_bytes, write_json
from offline.inference import plots
from offline.inference.examples.posterior_study import PosteriorStudy

__all__ = ["EXAMPLES", "Example", "run_example"]

_STYLE = {"font.size": 20, "legend.fontsize": 16, "lines.linewidth": 2.0, "legend.frameon": False}
_SIZE = (11.0, 10.0)

Draw = Callable[[], Any]
"""Makes a figure."""


@dataclass(frozen=True, slots=True)
class Example:
    """What can be run.

    Parameters
    ----------
    text : str
        What it shows.
    run : callable
        Of a seed and a progress; numbers for JSON, and a drawing for each name of a figure.
    """

    text: str
    run: Callable[[int, Progress], tuple[Mapping[str, Any], Mapping[str, Draw]]]


def run_example(name: str, folder: Path, *, seed: int = 1, progress: Progress = SILENT) -> tuple[dict[str, Any], list[Path]]:
    """Run the example `name`; its numbers, and the files that it left: numbers.json and figures.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    if name not in EXAMPLES:
        msg = f"there is no example {name!r}; {nearest(name, EXAMPLES)}"
        raise ConfigError(msg)
    numbers, drawings = EXAMPLES[name].run(seed, progress)
    found = {"example": name, "seed": seed, **numbers}
    paths = [folder / "numbers.json"]
    write_json(paths[0], found)
    with field_style(_STYLE):
        for title, draw in drawings.items():
            paths.append(folder / f"{title}.png")
            write_bytes(paths[-1], png(draw()))
    return found, paths


def _figure(plot: Callable[..., Any], result: Any) -> Any:
    """One plot on a figure of its own."""
    figure = require("matplotlib.figure").Figure(figsize=_SIZE, layout="constrained")
    plot(result, ax=figure.subplots())
    return figure


def _coupling(seed: int, progress: Progress) -> tuple[Mapping[str, Any], Mapping[str, Draw]]:
    from offline.inference.examples.coupling import CouplingStudy

    found = CouplingStudy(seed=seed).run(progress)
    drawings = {
        "expected_limits": lambda: _figure(plots.plot_expected_limits, found),
        "toy_statistics": lambda: _figure(plots.plot_toy_statistics, found),
    }
    return found.to_dict(), drawings


def _posterior(study: PosteriorStudy, progress: Progress) -> tuple[Mapping[str, Any], Mapping[str, Draw]]:
    found = study.run(progress)
    drawings = {
        "posterior": lambda: plots.plot_posterior(found.names, found.draws, truth=found.truth),
        "ranks": lambda: _figure(plots.plot_ranks, found.diagnosis.ranks),
        "coverage_of_balls": lambda: _figure(plots.plot_coverage, found.diagnosis.balls),
    }
    return found.to_dict(), drawings


def _axion(seed: int, progress: Progress) -> tuple[Mapping[str, Any], Mapping[str, Draw]]:
    from offline.inference.examples.beam_dump import BeamDump

    return _posterior(PosteriorStudy(BeamDump(), (0.3, 0.05), seed=seed), progress)


def _top_mass(seed: int, progress: Progress) -> tuple[Mapping[str, Any], Mapping[str, Draw]]:
    from offline.inference.examples.top_mass import TopDecays

    return _posterior(PosteriorStudy(TopDecays(), (172.5, 1.01), simulated=6000, seed=seed), progress)


EXAMPLES: dict[str, Example] = {
    "coupling": Example("a coupling from Z + jet events with an uncertain energy scale, by mining gold", _coupling),
    "axion": Example(
        "mass and lifetime of axion-like particles behind a beam dump from ten decays, by a conditional flow", _axion
    ),
    "top-mass": Example("mass of the top quark from a hundred hadronic decays, the jet energy scale being uncertain", _top_mass),
}
"""By the names that the command line uses."""

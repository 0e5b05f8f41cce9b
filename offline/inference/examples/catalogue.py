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

__all__ = ["EXAMPLES", "Conditions", "Example", "run_example"]

_STYLE = {"font.size": 20, "legend.fontsize": 16, "lines.linewidth": 2.0, "legend.frameon": False}
_SIZE = (11.0, 10.0)

Draw = Callable[[], Any]
"""Makes a figure."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """How an example is run.

    Parameters
    ----------
    folder : Path
        Where it may keep what takes long.
    seed : int
        Of every random number.
    workers : int
        Processes for what can be spread; they change nothing in the result.
    progress : Progress
        Told about everything.
    """

    folder: Path
    seed: int
    workers: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class Example:
    """What can be run.

    Parameters
    ----------
    text : str
        What it shows.
    run : callable
        Numbers for JSON, and a drawing for each name of a figure.
    """

    text: str
    run: Callable[[Conditions], tuple[Mapping[str, Any], Mapping[str, Draw]]]


def run_example(
    name: str, folder: Path, *, seed: int = 1, workers: int = 1, progress: Progress = SILENT
) -> tuple[dict[str, Any], list[Path]]:
    """Run the example `name`; its numbers, and the files that it left: numbers.json and figures.

    Parameters
    ----------
    name : str
        One of `EXAMPLES`.
    folder : Path
        Of everything that is left.
    seed, workers, progress : int, int, Progress
        See `Conditions`.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    if name not in EXAMPLES:
        msg = f"there is no example {name!r}; {nearest(name, EXAMPLES)}"
        raise ConfigError(msg)
    numbers, drawings = EXAMPLES[name].run(Conditions(folder, seed, workers, progress))
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


def _coupling(conditions: Conditions) -> tuple[Mapping[str, Any], Mapping[str, Draw]]:
    from offline.inference.examples.coupling import CouplingStudy

    found = CouplingStudy(seed=conditions.seed).run(conditions.progress)
    drawings = {
        "expected_limits": lambda: _figure(plots.plot_expected_limits, found),
        "toy_statistics": lambda: _figure(plots.plot_toy_statistics, found),
    }
    return found.to_dict(), drawings


def _axion(conditions: Conditions) -> tuple[Mapping[str, Any], Mapping[str, Draw]]:
    from offline.inference.examples.beam_dump import BeamDump
    from offline.inference.examples.posterior_study import PosteriorStudy

    found = PosteriorStudy(BeamDump(), (0.3, 0.05), seed=conditions.seed).run(conditions.progress)
    drawings = {
        "posterior": lambda: plots.plot_posterior(found.names, found.draws, truth=found.truth),
        "ranks": lambda: _figure(plots.plot_ranks, found.diagnosis.ranks),
        "coverage_of_balls": lambda: _figure(plots.plot_coverage, found.diagnosis.balls),
    }
    return found.to_dict(), drawings


def _top_mass(conditions: Conditions) -> tuple[Mapping[str, Any], Mapping[str, Draw]]:
    from offline.inference.examples.top_mass import TopMassStudy

    study = TopMassStudy(conditions.folder / "samples", seed=conditions.seed, workers=conditions.workers)
    found = study.run(conditions.progress)
    drawings = {
        "candidates": lambda: _figure(plots.plot_top_candidates, found),
        "scan": lambda: _figure(plots.plot_mass_scans, found),
        "pulls": lambda: _figure(plots.plot_mass_pulls, found),
    }
    return found.to_dict(), drawings


EXAMPLES: dict[str, Example] = {
    "coupling": Example("a coupling from Z + jet events with an uncertain energy scale, by mining gold", _coupling),
    "axion": Example(
        "mass and lifetime of axion-like particles behind a beam dump from ten decays, by a conditional flow", _axion
    ),
    "top-mass": Example(
        "mass of the top quark from decays to three jets that Pythia makes, the energy scale being uncertain", _top_mass
    ),
}
"""By the names that the command line uses."""

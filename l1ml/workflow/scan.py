"""A design scan: every point of a grid trained, converted and compared; resumed where it stopped."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from l1ml.data.jobs.crew import crew_of
from l1ml.progress import Progress
from l1ml.reporting.scan_figure import render_scan
from l1ml.storage import read_json, write_bytes, write_json
from l1ml.training import CROSSINGS
from l1ml.workflow.scan_config import ScanConfig
from l1ml.workflow.scan_job import ScanJob
from l1ml.workflow.scan_table import write_csv, write_hdf5
from l1ml.workflow.versions import installed_versions
from l1ml.workflow.workspace import Workspace

__all__ = ["flag_front", "scan"]

_FORMAT = "l1ml-scan-1"
_COSTS = ("lut", "latency_ns")


def scan(workspace: Workspace, config: ScanConfig, progress: Progress, *, force: bool = False) -> dict[str, Any]:
    """Train and convert every design of `config` that has no row yet, and write the tables of all that have one.

    Rows are kept under ``run/scan/rows``, trained models under ``run/scan/models``. The tables ``scan.json``, ``scan.csv`` and
    ``scan.h5`` and the figure ``pareto.png`` are written beside them, also when the scan is interrupted.

    Parameters
    ----------
    workspace : Workspace
        Has the events, the recipe, and the number of processes or the scheduler.
    config : ScanConfig
        The grid.
    progress : Progress
        Told of each design.
    force : bool
        Make all rows of this grid again.

    Returns
    -------
    dict
        Content of ``scan.json``.

    Raises
    ------
    ConfigError
        If the model is not trained on crossings.
    DataError
        If there are no events.
    ConversionError
        If a design cannot be converted.
    """
    workspace.require_sample(CROSSINGS, "a scan")
    recipe, versions = workspace.recipe, tuple(sorted(installed_versions().items()))
    jobs = [ScanJob(workspace, design, config, versions) for design in config.designs(recipe.training, recipe.conversion)]
    for job in jobs if force else ():
        job.path.unlink(missing_ok=True)
        shutil.rmtree(job.model_folder, ignore_errors=True)
    try:
        with crew_of(workspace.workers, workspace.scheduler) as crew:
            crew.run("designs", jobs, progress)
    finally:
        content = _content(workspace, config, jobs)
        if content["designs"]:
            _write(workspace, content)
    return content


def _content(workspace: Workspace, config: ScanConfig, jobs: Sequence[ScanJob]) -> dict[str, Any]:
    """Rows of the designs that are done, in the order of the grid."""
    rows = [read_json(job.path, "l1ml scan") for job in jobs if job.is_done()]
    return {
        "format": _FORMAT,
        "model": workspace.recipe.model.name,
        "scan": asdict(config),
        "asked": len(jobs),
        "designs": flag_front(rows, larger_is_better=config.score == "efficiency"),
    }


def flag_front(rows: Sequence[Mapping[str, Any]], *, larger_is_better: bool) -> list[dict[str, Any]]:
    """`rows` with ``pareto``: whether no other design is at least as good in score, LUT and latency, and better in one."""
    sign = -1.0 if larger_is_better else 1.0
    points = [(sign * row["score"], *(row[cost] for cost in _COSTS)) for row in rows]
    flags = [not any(_beats(other, point) for other in points) for point in points]
    return [{"pareto": flag, **row} for flag, row in zip(flags, rows, strict=True)]


def _beats(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True)) and tuple(one) != tuple(other)


def _write(workspace: Workspace, content: Mapping[str, Any]) -> None:
    """All tables, then the figure, which needs matplotlib."""
    folder = workspace.run / "scan"
    write_json(folder / "scan.json", content)
    write_csv(folder / "scan.csv", content["designs"])
    write_hdf5(folder / "scan.h5", content)
    write_bytes(folder / "pareto.png", render_scan(content))

"""The recipe of a model trained with several seeds: what its figures are on average, and how far they scatter."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from l1ml.data.jobs.crew import crew_of
from l1ml.errors import ConfigError
from l1ml.progress import Progress
from l1ml.storage import write_json
from l1ml.workflow.recipe import read_recipe
from l1ml.workflow.seed_job import SeedJob
from l1ml.workflow.seed_workspace import SeedWorkspace
from l1ml.workflow.versions import installed_versions
from l1ml.workflow.workspace import Workspace

__all__ = ["SEEDS", "seeds_of", "summary"]

_FORMAT = "l1ml-seeds-1"

SEEDS = (1, 2, 3, 4, 5)
"""How many, and which, a quoted figure has."""


def seeds_of(workspace: Workspace, seeds: Sequence[int], progress: Progress, *, force: bool = False) -> dict[str, Any]:
    """Train the recipe with each of `seeds` and measure it, as far as that has not been done; write ``run/seeds.json``.

    Each seed has a folder ``run/seeds/<seed>``; the model of the last run and the shipped one stay what they are. The file is
    written, with the seeds that are done, also when this is interrupted.

    Parameters
    ----------
    workspace : Workspace
        Has the recipe, the menu and the events, and the number of processes or the scheduler.
    seeds : sequence of int
        Different seeds of the training.
    progress : Progress
        Told of each seed.
    force : bool
        Make all of them again.

    Returns
    -------
    dict
        Content of ``seeds.json``.

    Raises
    ------
    ConfigError
        If there is no seed, or one stands twice.
    DataError
        If there are no events.
    """
    if not seeds or len(set(seeds)) != len(seeds):
        msg = f"seeds must be different whole numbers, at least one; received {list(seeds)}"
        raise ConfigError(msg)
    read_recipe(workspace.folder)  # a folder of no model is said first
    workspace.event_digests()  # without events there is nothing to train on, and nothing to ask of each seed
    jobs = [SeedJob(SeedWorkspace.of(workspace, seed)) for seed in seeds]
    for job in jobs if force else ():
        shutil.rmtree(job.workspace.run, ignore_errors=True)
    try:
        with crew_of(workspace.workers, workspace.scheduler) as crew:
            crew.run("seeds", jobs, progress)
    finally:
        content = _content(workspace, jobs)
        if content["seeds"]:
            write_json(workspace.run / "seeds.json", content)
    return content


def _content(workspace: Workspace, jobs: Sequence[SeedJob]) -> dict[str, Any]:
    """Everything that is known of the seeds that are done; what was trained, without the seed, says whose they are."""
    rows = []
    for job in jobs:
        found = job.figures()
        if found is not None:
            trained = job.workspace.result("training", "seeds")
            took = {key: trained[key] for key in ("model_digest", "epochs", "best_epoch", "threads", "cpu_seconds")}
            rows.append({"seed": job.workspace.seed, **took, "figures": found["figures"]})
    training = json.loads(json.dumps(asdict(workspace.recipe.training)))
    training.pop("seed")
    return {
        "format": _FORMAT,
        "model": workspace.recipe.model.name,
        "family": workspace.recipe.model.family,
        "training": training,
        "events": list(workspace.event_digests()),
        "versions": installed_versions(),
        "asked": len(jobs),
        "seeds": rows,
        "figures": summary([row["figures"] for row in rows]),
    }


def summary(rows: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, dict[str, Any]]:
    """Of each figure the seeds that have it, their mean, their scatter, and the error of the sample.

    Parameters
    ----------
    rows : sequence of mapping
        ``rows[seed][name]`` with the keys value and error.

    Returns
    -------
    dict
        ``n``, ``mean``, ``spread`` (sample standard deviation, None of one seed), ``mean_error`` (spread over the root of n) and
        ``sample_error``: root mean square of the errors that one seed has from its sample. All seeds are measured on the same
        crossings or jets, so that neither the spread shows it nor the mean is freed from it.
    """
    found = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        figures = [row[name] for row in rows if name in row]
        values = np.array([figure["value"] for figure in figures])
        spread = float(values.std(ddof=1)) if len(values) > 1 else None
        found[name] = {
            "n": len(values),
            "mean": float(values.mean()),
            "spread": spread,
            "mean_error": None if spread is None else spread / float(np.sqrt(len(values))),
            "sample_error": float(np.sqrt(np.mean([figure["error"] ** 2 for figure in figures]))),
        }
    return found

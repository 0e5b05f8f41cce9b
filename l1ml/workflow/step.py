"""One step of a run: skipped when nothing that decides its result has changed, whole or absent otherwise."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import l1ml
from l1ml.errors import DataError
from l1ml.progress import Progress
from l1ml.storage import digest_of, read_json, write_json
from l1ml.training import SampleKind
from l1ml.workflow.workspace import Workspace

__all__ = ["Step", "StepResult", "earlier_result", "perform"]


@dataclass(frozen=True, slots=True)
class Step:
    """What a verb does.

    Parameters
    ----------
    name : str
        The step writes ``run/<name>.json``.
    verb : str
        Command that performs it alone.
    inputs : callable
        JSON value of everything that decides the result: recipe tables and digests of earlier results.
    work : callable
        Does it and returns the content of the JSON file.
    products : callable
        Whether the other files that the content names are still there.
    sample : SampleKind, optional
        Only models that are trained on such samples have the step.
    """

    name: str
    verb: str
    inputs: Callable[[Workspace], Any]
    work: Callable[[Workspace, Progress], dict[str, Any]]
    products: Callable[[Workspace, dict[str, Any]], bool] = lambda _workspace, _content: True
    sample: SampleKind | None = None


@dataclass(frozen=True, slots=True)
class StepResult:
    """Content of a step's file, and whether it was there already."""

    name: str
    content: dict[str, Any]
    cached: bool


def perform(step: Step, workspace: Workspace, progress: Progress, *, force: bool = False, also: Path | None = None) -> StepResult:
    """Do `step`, or take its earlier result if nothing has changed and `force` is not set.

    `also` is another folder of results; what decides a step is in its key, so that one with the same key is the same result.

    Raises
    ------
    ConfigError
        If models that are trained on such samples have no such step.
    """
    if step.sample is not None:
        workspace.require_sample(step.sample, f"the step {step.name!r}")
    key = _key(step, workspace)
    earlier = None if force else _earlier_of(step, workspace, key)
    if earlier is None and also is not None and not force:
        earlier = _earlier_of(step, workspace, key, also)
        if earlier is not None:
            write_json(workspace.run / f"{step.name}.json", earlier)
    if earlier is not None:
        return StepResult(step.name, earlier, cached=True)
    start = time.perf_counter()
    content = step.work(workspace, progress)
    content |= {"key": key, "wall_s": round(time.perf_counter() - start, 3), "peak_memory_mb": peak_memory_mb()}
    write_json(workspace.run / f"{step.name}.json", content)
    return StepResult(step.name, content, cached=False)


def earlier_result(step: Step, workspace: Workspace) -> dict[str, Any] | None:
    """What `step` has left, if nothing that decides it has changed since."""
    return _earlier_of(step, workspace, _key(step, workspace))


def _key(step: Step, workspace: Workspace) -> str:
    return digest_of({"l1ml": l1ml.__version__, "step": step.name, "inputs": json.loads(json.dumps(step.inputs(workspace)))})


def _earlier_of(step: Step, workspace: Workspace, key: str, folder: Path | None = None) -> dict[str, Any] | None:
    path = (folder or workspace.run) / f"{step.name}.json"
    if not path.is_file():
        return None
    content = _earlier(step, path)
    return content if content.get("key") == key and step.products(workspace, content) else None


def _earlier(step: Step, path: Path) -> dict[str, Any]:
    """The step's file, or nothing if it cannot be read: then the step is simply done again."""
    try:
        content: dict[str, Any] = read_json(path, step.verb)
    except DataError:
        return {}
    return content


def peak_memory_mb() -> float:
    """Largest resident memory, in MB, of this process or of any finished child so far."""
    usage = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(max(usage) / 1024, 1)

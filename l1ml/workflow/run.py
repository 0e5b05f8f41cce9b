"""All steps in order: from collisions to a decision and a firmware project."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from typing import Any

import l1ml
from l1ml.progress import Progress
from l1ml.training import CROSSINGS, HITS, JETS, SampleKind
from l1ml.workflow.conversion_step import CONVERSION
from l1ml.workflow.decision_step import DECISION
from l1ml.workflow.evaluation_step import evaluation_step
from l1ml.workflow.events_step import EVENTS
from l1ml.workflow.filtering_step import FILTERING
from l1ml.workflow.hits_step import HIT_EVENTS
from l1ml.workflow.jets_step import JET_EVENTS
from l1ml.workflow.step import Step, StepResult, earlier_result, perform
from l1ml.workflow.synthesis_step import ESTIMATE, SYNTHESIS
from l1ml.workflow.tagging_step import TAGGING
from l1ml.workflow.training_step import TRAINING
from l1ml.workflow.verification_step import verification_step
from l1ml.workflow.versions import installed_versions
from l1ml.workflow.workspace import Workspace

__all__ = ["STEPS", "run_all", "run_record", "steps_of"]

_FIRMWARE = (TRAINING, CONVERSION, verification_step(), SYNTHESIS)

STEPS: Mapping[SampleKind, tuple[Step, ...]] = {
    CROSSINGS: (EVENTS, *_FIRMWARE, DECISION, evaluation_step()),
    JETS: (JET_EVENTS, *_FIRMWARE, TAGGING),
    HITS: (HIT_EVENTS, *_FIRMWARE, FILTERING),
}
"""What `l1ml run` performs before the report, the sample first."""


def steps_of(workspace: Workspace) -> tuple[Step, ...]:
    """Those of the sample that the model is trained on."""
    return STEPS[workspace.recipe.training.sample]


def run_all(workspace: Workspace, progress: Progress, *, force: bool = False, yosys: bool = True) -> Iterator[StepResult]:
    """Perform every step, each as soon as it is asked for; where nothing has changed the earlier result is taken.

    Without `yosys` the logic is only estimated, unless it has been counted before.
    """
    for step in steps_of(workspace):
        # asked here and not before: what the synthesis reads is made by the steps before it
        is_estimate = step is SYNTHESIS and not yosys and (force or earlier_result(SYNTHESIS, workspace) is None)
        yield perform(ESTIMATE if is_estimate else step, workspace, progress, force=force)


def run_record(workspace: Workspace) -> dict[str, Any]:
    """Wall time and memory of each step that has been done, versions and digests."""
    there = [step for step in steps_of(workspace) if (workspace.run / f"{step.name}.json").is_file()]
    done = {step.name: workspace.result(step.name, step.verb) for step in there}
    digests = {item["process"]: item["digest"] for item in done.get("events", {}).get("processes", [])}
    if "training" in done:
        digests["model"] = done["training"]["model_digest"]
    for backend, project in done.get("conversion", {}).get("projects", {}).items():
        digests[backend] = project["digest"]
    return {
        "wall_s": {name: content["wall_s"] for name, content in done.items()},
        "peak_memory_mb": max((content["peak_memory_mb"] for content in done.values()), default=0.0),
        "versions": {"l1ml": l1ml.__version__, "python": platform.python_version(), **installed_versions()},
        "digests": digests,
    }

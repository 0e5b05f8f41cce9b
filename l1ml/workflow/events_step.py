"""Step 1: collisions from Pythia, the Level-1 response, one event file per process."""

from __future__ import annotations

from typing import Any

from l1ml.data.generation.production import generate
from l1ml.progress import Progress
from l1ml.training import CROSSINGS
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import Workspace

__all__ = ["EVENTS"]


def _inputs(workspace: Workspace) -> Any:
    recipe = workspace.recipe
    return {"events": recipe.events.to_dict(), "digest": recipe.events.digest, "schema": recipe.training.schema.digest}


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    config, schema, folder = workspace.recipe.events, workspace.recipe.training.schema, workspace.run / "events"
    records = generate(config, folder, workers=workspace.workers, scheduler=workspace.scheduler, progress=progress)
    processes = [{**item.to_dict(), "path": str(item.path.relative_to(workspace.run))} for item in records]
    return {
        "processes": processes,
        "schema": schema.to_dict(),
        "schema_digest": schema.digest,
        "conditions": {"energy_gev": workspace.recipe.events.energy_gev, "pileup": workspace.recipe.events.pileup},
    }


def _products(workspace: Workspace, content: dict[str, Any]) -> bool:
    return all((workspace.run / item["path"]).is_file() for item in content["processes"])


EVENTS = Step("events", "data generate", _inputs, _work, _products, CROSSINGS)

"""Step 2: train the quantised network on zero bias or jets, as its family does."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from l1ml.model import TriggerModel
from l1ml.progress import Progress
from l1ml.storage import digest_of
from l1ml.training.checkpoint import Checkpoint
from l1ml.workflow.step import Step
from l1ml.workflow.versions import installed_versions
from l1ml.workflow.workspace import Workspace

__all__ = ["TRAINING"]


def _inputs(workspace: Workspace) -> Any:
    return {
        "name": workspace.recipe.model.name,
        "family": workspace.recipe.model.family,
        "training": asdict(workspace.recipe.training),
        "events": workspace.event_digests(),
    }


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    recipe = workspace.recipe
    training = recipe.family.train(
        workspace.events(recipe.training.sample.process),
        recipe.training,
        name=recipe.model.name,
        progress=progress,
        checkpoint=_checkpoint(workspace),
    )
    training.model.save(workspace.run)
    return training.to_dict()


def _checkpoint(workspace: Workspace) -> Checkpoint:
    """File from which a training that was killed goes on, if the same recipe, events and distributions would begin it."""
    key = digest_of({"inputs": json.loads(json.dumps(_inputs(workspace))), "versions": installed_versions()})
    return Checkpoint(workspace.run / "checkpoint.npz", key)


def _products(workspace: Workspace, content: dict[str, Any]) -> bool:
    files = [workspace.run / name for name in ("weights.keras", "golden.h5")]
    return all(path.is_file() for path in files) and TriggerModel.load(workspace.run).digest == content["model_digest"]


TRAINING = Step("training", "train", _inputs, _work, _products)

"""Step 2: train the quantised autoencoder on zero bias."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from l1ml.progress import Progress
from l1ml.training import train
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import ZERO_BIAS, Workspace

__all__ = ["TRAINING"]


def _inputs(workspace: Workspace) -> Any:
    return {
        "name": workspace.recipe.model.name,
        "training": asdict(workspace.recipe.training),
        "events": workspace.event_digests(),
    }


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    recipe = workspace.recipe
    training = train(workspace.events(ZERO_BIAS), recipe.training, name=recipe.model.name, progress=progress)
    training.model.save(workspace.run)
    return training.to_dict()


def _products(workspace: Workspace, content: dict[str, Any]) -> bool:
    files = [workspace.run / name for name in ("weights.keras", "golden.h5")]
    return all(path.is_file() for path in files) and workspace.model().digest == content["model_digest"]


TRAINING = Step("training", "train", _inputs, _work, _products)

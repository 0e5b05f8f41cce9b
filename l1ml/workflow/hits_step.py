"""Step 1 of a model that is trained on hits: crossings of a toy detector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from l1ml.data.generation.hit_samples import digest_of_hits, write_hits
from l1ml.progress import Progress
from l1ml.training import HITS
from l1ml.training.graph import HitFilterConfig
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import Workspace

__all__ = ["HIT_EVENTS", "hit_training"]

_FILE = Path("events/hits.h5")


def hit_training(workspace: Workspace) -> HitFilterConfig:
    """The training of a recipe whose sample is `HITS`, which names the detector.

    Raises
    ------
    TypeError
        If it is of another family.
    """
    training = workspace.recipe.training
    if not isinstance(training, HitFilterConfig):
        msg = f"{workspace.folder} is trained by {type(training).__name__}, which has no detector"
        raise TypeError(msg)
    return training


def _inputs(workspace: Workspace) -> Any:
    training = hit_training(workspace)
    return {"hits": digest_of_hits(training.detector, workspace.recipe.hits), "schema": training.schema.digest}


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    training, config = hit_training(workspace), workspace.recipe.hits
    digest = write_hits(workspace.run / _FILE, training.detector, config, progress=progress)
    record = {"kept": config.crossings, "generated": config.crossings, "seconds": None, "cached": False}
    return {
        "sample": HITS.name,
        "processes": [{"process": HITS.process, "path": str(_FILE), "digest": digest, **record}],
        "schema": training.schema.to_dict(),
        "schema_digest": training.schema.digest,
        "conditions": {"text": f"toy hits of {training.detector.name}"},
    }


def _products(workspace: Workspace, content: dict[str, Any]) -> bool:
    return all((workspace.run / item["path"]).is_file() for item in content["processes"])


HIT_EVENTS = Step("events", "data generate", _inputs, _work, _products, HITS)

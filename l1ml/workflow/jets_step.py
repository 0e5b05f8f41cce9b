"""Step 1 of a model that is trained on jets: jets from Pythia, and the words that the model reads."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from l1ml.data import EventFile, EventWriter, iterate_events
from l1ml.data.generation.jet_samples.class_jet_jobs import generate_jets
from l1ml.data.generation.jet_samples.class_jets import CLASSES
from l1ml.data.jet_words import jet_words
from l1ml.data.schema import EventSchema
from l1ml.progress import Progress
from l1ml.storage import digest_of
from l1ml.training import JETS
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import Workspace

__all__ = ["JET_EVENTS"]

_GENERATED, _WORDS = Path("events/jets.h5"), Path("events/jet_words.h5")


def _inputs(workspace: Workspace) -> Any:
    return {"jets": asdict(workspace.recipe.jets), "recipe": workspace.recipe.jets.recipe, "schema": _schema(workspace).digest}


def _schema(workspace: Workspace) -> EventSchema:
    return workspace.recipe.training.schema


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    config, schema, generated = workspace.recipe.jets, _schema(workspace), workspace.run / _GENERATED
    made = generate_jets(
        config, generated, workers=workspace.workers, scheduler=workspace.scheduler, force=True, progress=progress
    )
    digest = digest_of([made.digest, schema.digest])
    _write_words(generated, workspace.run / _WORDS, schema, {"jets": made.digest, "digest": digest})
    record = {"kept": made.kept, "generated": made.generated, "seconds": made.seconds, "cached": made.seconds is None}
    return {
        "sample": JETS.name,
        "processes": [{"process": JETS.process, "path": str(_WORDS), "digest": digest, **record}],
        "classes": list(CLASSES),
        "schema": schema.to_dict(),
        "schema_digest": schema.digest,
        "conditions": {"energy_gev": config.energy_gev, "pileup": 0.0},
    }


def _write_words(generated: Path, path: Path, schema: EventSchema, provenance: dict[str, Any]) -> None:
    with EventWriter(path, schema, process=CLASSES, provenance=provenance) as writer:
        for jets in iterate_events(generated):
            writer.append(jet_words(jets, schema))


def _products(workspace: Workspace, content: dict[str, Any]) -> bool:
    (item,) = content["processes"]
    path = workspace.run / item["path"]
    if not path.is_file():
        return False
    with EventFile(path) as file:
        return bool(file.schema.digest == content["schema_digest"])


JET_EVENTS = Step("events", "data generate", _inputs, _work, _products, JETS)

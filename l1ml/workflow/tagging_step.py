"""Step 6 of a model that is trained on jets: what its words are worth, beside the same network in floats."""

from __future__ import annotations

from dataclasses import asdict
from math import sqrt
from typing import Any

from l1ml.data import Events, split_of
from l1ml.data.jet_words import classes_of
from l1ml.emulation.integers import IntegerEmulator
from l1ml.errors import DataError
from l1ml.model import TriggerModel
from l1ml.progress import Progress
from l1ml.training import JETS
from l1ml.trigger.tagging import ScoredJets, TaggingPerformance, tagging_performance
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import Workspace

__all__ = ["TAGGING"]

_VALIDATION, _TEST = 1, 2


def _inputs(workspace: Workspace) -> Any:
    return {
        "model": workspace.model().digest,
        "fractions": workspace.recipe.training.fractions,
        "tagging": asdict(workspace.recipe.tagging),
        "events": workspace.event_digests(),
    }


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    model, jets = workspace.model(), workspace.events(JETS.process)
    progress.start("tagging", 1)
    part = split_of(jets.group, workspace.recipe.training.fractions)
    validation, test = (_scored(model, jets.select(part == index)) for index in (_VALIDATION, _TEST))
    found = tagging_performance(validation, test, jets.processes, workspace.recipe.tagging)
    progress.advance()
    progress.finish()
    return {
        **found.to_dict(),
        "n_derived": len(validation.classes),
        "reference": _reference(model, found),
        "bit_operations": model.metrics.get("bit_operations"),
        "model_digest": model.digest,
    }


def _scored(model: TriggerModel, jets: Events) -> ScoredJets:
    return ScoredJets(IntegerEmulator(model.network).predict(jets.features()), classes_of(jets), jets.group)


def _reference(model: TriggerModel, found: TaggingPerformance) -> dict[str, Any] | None:
    """Accuracy of the float network and how much is lost, with the error of a difference on the same jets.

    Where only one of both is right, b jets and c jets of n, the difference is (b - c) / n and its variance, multinomial,
    (b + c - (b - c)^2 / n) / n^2.

    Raises
    ------
    DataError
        If the jets are not those that the reference was tried on.
    """
    kept = model.metrics.get("reference")
    if kept is None:
        return None
    n, lost, won = kept["n"], kept["n_only_reference"], kept["n_only_model"]
    if (n, kept["n_right"] - lost + won) != (found.accuracy.n_total, found.accuracy.n_passed):
        now, then = f"{found.accuracy.n_passed} of {found.accuracy.n_total}", f"{kept['n_right'] - lost + won} of {n}"
        msg = f"{now} test jets are right, {then} were when the model was trained: these are other jets; train again"
        raise DataError(msg)
    error = sqrt(lost + won - (lost - won) ** 2 / n) / n
    return {"hidden": kept["hidden"], "accuracy": kept["n_right"] / n, "loss": (lost - won) / n, "loss_error": error}


TAGGING = Step("tagging", "run", _inputs, _work, sample=JETS)

"""The training of a variant in floats; it makes no firmware, only a network to score with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from l1ml.data import Events
from l1ml.errors import ConfigError
from l1ml.model.keras_file import keras_bytes, keras_model_of
from l1ml.progress import Progress
from l1ml.storage import digest_of, write_bytes
from l1ml.training.float_twin import HasFloatTwin
from l1ml.training.stopwatch import Stopwatch
from l1ml.workflow.recipe import Recipe
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import Workspace

__all__ = ["FLOATS", "float_scores", "has_floats"]

_FILE = "floats.keras"
_BATCH = 8192


def has_floats(recipe: Recipe) -> bool:
    """Whether the family of `recipe` can be trained in floats."""
    return hasattr(recipe.family, "float_scorer")


def _inputs(workspace: Workspace) -> Any:
    recipe = workspace.recipe
    return {"family": recipe.model.family, "training": asdict(recipe.training), "events": workspace.event_digests()}


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    recipe, watch = workspace.recipe, Stopwatch()
    if not has_floats(recipe):
        msg = f"models of the family {recipe.model.family!r} are not trained in floats; leave the variant 'float' out"
        raise ConfigError(msg)
    family = cast("HasFloatTwin", recipe.family)
    scorer = family.float_scorer(workspace.events(recipe.training.sample.process), recipe.training, progress=progress)
    weights = [np.asarray(item, dtype="<f4") for item in scorer.get_weights()]
    write_bytes(workspace.run / _FILE, keras_bytes(scorer))
    return {
        "weights_digest": digest_of(b"".join(item.tobytes() for item in weights)),
        "n_weights": sum(item.size for item in weights if item.ndim > 1),
        "seed": recipe.training.seed,
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
    }


def _products(workspace: Workspace, _content: dict[str, Any]) -> bool:
    return (workspace.run / _FILE).is_file()


FLOATS = Step("floats", "leaderboard", _inputs, _work, _products)


def float_scores(workspace: Workspace) -> Callable[[Events], NDArray[np.float64]]:
    """The trained network: from crossings or jets to its scores (n, n_outputs)."""
    scorer = keras_model_of((workspace.run / _FILE).read_bytes())
    return lambda events: np.asarray(
        scorer.predict(events.features().astype(np.float32), batch_size=_BATCH, verbose=0), np.float64
    )

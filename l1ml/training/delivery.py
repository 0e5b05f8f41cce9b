"""From a trained Keras model to a frozen trigger model: integer network, golden words, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data import Events
from l1ml.errors import TrainingError
from l1ml.model import GoldenWords, Network, TriggerModel
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.keras_file import keras_bytes
from l1ml.training.config import TrainingConfig
from l1ml.training.fitting import Fit
from l1ml.training.golden import golden_places
from l1ml.training.result import Training
from l1ml.training.stopwatch import Stopwatch

__all__ = ["deliver"]


def deliver(
    scorer: Any,
    fit: Fit,
    parts: Sequence[Events],
    config: TrainingConfig,
    *,
    name: str,
    family: str,
    score: str,
    watch: Stopwatch,
    figures: Mapping[str, Any] = MappingProxyType({}),
) -> Training:
    """Freeze `scorer`, whose inputs are words and whose outputs are scores, and put it into a model.

    Parameters
    ----------
    scorer : keras.Model
        Trained; its weights are replaced by their quantised values.
    fit : Fit
        How it was trained.
    parts : sequence of Events
        Train, validation and test crossings; the golden words are those of some test crossings, see `golden_places`.
    config : TrainingConfig
        Kept with the model.
    name, family, score : str
        Name of the model, of its family, and what its score is, in words.
    watch : Stopwatch
        Runs since the training began.
    figures : mapping
        What the family says about the model beside the figures that all have, JSON values.

    Raises
    ------
    ConversionError
        If a layer has no exact fixed-point meaning.
    TrainingError
        If every test crossing has the same score.
    """
    freeze(scorer)
    schema = parts[0].schema
    network = extract_network(scorer, schema.feature_formats)
    found = {**_metrics(network, fit, [part.n for part in parts]), **figures}
    words = parts[2].features()
    scores = _scores(scorer, network, words)
    _check_that_it_says_something(scores, found)
    model = TriggerModel(
        name=name,
        schema_digest=schema.digest,
        features=schema.features,
        network=network,
        score=score,
        weights=keras_bytes(scorer),
        golden=_golden(words, scores, config.n_golden),
        metrics={**found, "family": family, "training": asdict(config)},
    )
    how = _threads(), _backend()
    return Training(model, fit.losses, fit.best_epoch, watch.seconds, watch.cpu_seconds, config.seed, *how)


def _backend() -> str:
    """What has computed for Keras, and its version: with another one the same seed gives another model."""
    name = str(require("keras").backend.backend())
    return f"{name} {require(name).__version__}"


def _threads() -> int | None:
    """Threads that share one operation; with another number of them the same seed gives another model. 0: one for each core."""
    if require("keras").backend.backend() != "tensorflow":
        return None
    return int(require("tensorflow").config.threading.get_intra_op_parallelism_threads())


def _scores(scorer: Any, network: Network, words: NDArray[np.int32]) -> NDArray[np.int64]:
    """Score words that Keras gives for `words`, shape (n, n_outputs)."""
    outputs = np.asarray(scorer.predict(words.astype(np.float32), verbose=0), dtype=np.float64)
    scores: NDArray[np.int64] = network.output_format.to_words(outputs)
    return scores.reshape(len(words), -1)


def _check_that_it_says_something(scores: NDArray[np.int64], metrics: Mapping[str, Any]) -> None:
    """Crossings differ, and so must some of their scores."""
    if (scores == scores[0]).all():
        msg = (
            f"all {len(scores)} test crossings have the same score, {scores[0].tolist()}; {metrics['n_zero_weights']} of "
            f"{metrics['n_weights']} weights are zero: prune less, give more bits to weights, or lower the price of bits"
        )
        raise TrainingError(msg)


def _golden(words: NDArray[np.int32], scores: NDArray[np.int64], n: int) -> GoldenWords:
    """A few of the crossings `words` with their scores."""
    places = golden_places(scores, n)
    chosen = scores[places]
    return GoldenWords(words[places], chosen[:, 0] if chosen.shape[1] == 1 else chosen)


def _metrics(network: Network, fit: Fit, n_events: Sequence[int]) -> dict[str, Any]:
    """Figures that stay with the model."""
    kernels = [operation["kernel"] for operation in network.to_dict()["operations"] if operation["kind"] == "dense"]
    weights = np.concatenate([np.ravel(kernel) for kernel in kernels])
    return {
        "loss": fit.losses["loss"][fit.best_epoch - 1],
        "val_loss": fit.losses["val_loss"][fit.best_epoch - 1],
        "n_weights": int(weights.size),
        "n_zero_weights": int((weights == 0).sum()),
        "n_train": n_events[0],
        "n_validation": n_events[1],
    }

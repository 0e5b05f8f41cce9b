"""From zero-bias crossings to a frozen, quantised trigger model."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data import Events, split_of
from l1ml.determinism import seed_everything
from l1ml.errors import DataError
from l1ml.model import GoldenWords, Network, TriggerModel
from l1ml.model.extraction import extract_network, freeze
from l1ml.progress import SILENT, Progress
from l1ml.training.architecture import build_decoder, build_encoder, build_scorer
from l1ml.training.autoencoder import make_autoencoder
from l1ml.training.config import TrainingConfig
from l1ml.training.pruning import Pruning
from l1ml.training.sample import Sample, feature_shifts, make_sample, presence, standardise

__all__ = ["Training", "train"]

SCORE = "sum of squared latent means"


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """A trained model and how it came about; `best_epoch`, the one whose weights are kept, is counted from one.

    `threads` shared each operation of TensorFlow: the same seed gives the same model with the same number of them.
    """

    model: TriggerModel
    losses: dict[str, list[float]]
    best_epoch: int
    seconds: float
    seed: int
    threads: int | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "losses": self.losses,
            "epochs": len(self.losses["loss"]),
            "best_epoch": self.best_epoch,
            "seed": self.seed,
            "threads": self.threads,
            "seconds": self.seconds,
            "metrics": dict(self.model.metrics),
            "model_digest": self.model.digest,
        }


def train(events: Events, config: TrainingConfig, *, name: str, progress: Progress = SILENT) -> Training:
    """Train a variational autoencoder on zero-bias `events`.

    Parameters
    ----------
    events : Events
        Weighted zero-bias crossings; the split by identity decides which of them are trained on.
    config : TrainingConfig
        Network, formats, schedule, seed.
    name : str
        Name of the model.
    progress : Progress
        Told about epochs.

    Raises
    ------
    DataError
        If a part of the split is empty.
    """
    start = time.perf_counter()
    parts = _split(events, config)
    shifts = feature_shifts(parts[0].features(), presence(parts[0]))
    scale = standardise(parts[0], config.width_floor)
    seed_everything(config.seed)
    encoder, losses, best = _fit(config, shifts, [make_sample(part, scale, config.angle_weight) for part in parts[:2]], progress)
    scorer = build_scorer(encoder)
    freeze(scorer)
    network = extract_network(scorer, events.schema.feature_formats)
    model = TriggerModel(
        name=name,
        schema_digest=events.schema.digest,
        features=events.schema.features,
        network=network,
        score=SCORE,
        weights=_keras_bytes(scorer),
        golden=_golden(scorer, network, parts[2].features()[: config.n_golden]),
        metrics=_metrics(network, losses, best, config, [part.n for part in parts]),
    )
    return Training(model, losses, best, time.perf_counter() - start, config.seed, _threads())


def _split(events: Events, config: TrainingConfig) -> list[Events]:
    """Train, validation and test crossings."""
    part = split_of(events.group, config.fractions)
    parts = [events.select(part == index) for index in range(len(config.fractions))]
    if any(item.n == 0 for item in parts):
        msg = f"{events.n} crossings split into {[item.n for item in parts]}: too few; generate more events"
        raise DataError(msg)
    return parts


def _threads() -> int | None:
    """Threads that share one operation; with another number of them the same seed gives another model. 0: one for each core."""
    if require("keras").backend.backend() != "tensorflow":
        return None
    return int(require("tensorflow").config.threading.get_intra_op_parallelism_threads())


def _fit(
    config: TrainingConfig, shifts: NDArray[np.int64], samples: Sequence[Sample], progress: Progress
) -> tuple[Any, dict[str, list[float]], int]:
    """Trained encoder without constraints, loss curves, best epoch (counted from one)."""
    keras = require("keras")
    pruning = Pruning(config.sparsity, config.pruning_epochs)
    encoder = build_encoder(config, shifts, pruning.constraint)
    autoencoder = make_autoencoder(encoder, build_decoder(config, len(shifts)), beta=config.beta, seed=config.seed)
    autoencoder.compile(optimizer=keras.optimizers.Adam(config.learning_rate))
    stop = keras.callbacks.EarlyStopping(
        patience=config.patience, restore_best_weights=True, start_from_epoch=config.pruning_epochs
    )
    told = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: progress.advance())  # noqa: ARG005
    (train_x, train_y, train_w), validation = (_arrays(sample) for sample in samples)
    progress.start("training", config.epochs)
    history = autoencoder.fit(
        train_x,
        train_y,
        sample_weight=train_w,
        validation_data=validation,
        batch_size=config.batch_size,
        epochs=config.epochs,
        callbacks=[pruning.callback(encoder), stop, told],
        verbose=0,
    )
    progress.finish()
    losses = {key: [float(value) for value in values] for key, values in history.history.items()}
    first = min(config.pruning_epochs, len(losses["val_loss"]) - 1)
    best = first + int(np.argmin(losses["val_loss"][first:])) + 1
    clean = build_encoder(config, shifts)
    clean.set_weights(encoder.get_weights())
    return clean, losses, best


def _arrays(sample: Sample) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    return sample.words, np.concatenate([sample.targets, sample.importance], axis=1), sample.weight


def _keras_bytes(model: Any) -> bytes:
    """The ``.keras`` file of `model`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.keras"
        model.save(path)
        return path.read_bytes()


def _golden(scorer: Any, network: Network, words: NDArray[np.int32]) -> GoldenWords:
    """A few crossings with the score words that Keras gives for them."""
    outputs = np.asarray(scorer.predict(words.astype(np.float32), verbose=0), dtype=np.float64)[:, 0]
    return GoldenWords(words, network.output_format.to_words(outputs))


def _metrics(
    network: Network, losses: dict[str, list[float]], best: int, config: TrainingConfig, n_events: list[int]
) -> dict[str, Any]:
    """Figures that stay with the model."""
    kernels = [operation["kernel"] for operation in network.to_dict()["operations"] if operation["kind"] == "dense"]
    weights = np.concatenate([np.ravel(kernel) for kernel in kernels])
    return {
        "loss": losses["loss"][best - 1],
        "val_loss": losses["val_loss"][best - 1],
        "n_weights": int(weights.size),
        "n_zero_weights": int((weights == 0).sum()),
        "n_train": n_events[0],
        "n_validation": n_events[1],
        "training": asdict(config),
    }

"""The tagger in floats: reference and teacher."""

from __future__ import annotations

from typing import Any

from l1ml._optional import require
from l1ml.determinism import seed_everything
from l1ml.errors import TrainingError
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint, State
from l1ml.training.epoch_batches import fit_arguments
from l1ml.training.resumption import Resumption
from l1ml.training.tagger.config import ReferenceConfig
from l1ml.training.tagger.sample import JetSample

__all__ = ["train_reference"]


def train_reference(
    network: Any,
    samples: tuple[JetSample, JetSample],
    config: ReferenceConfig,
    *,
    seed: int,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> Any:
    """`network`, trained on the classes alone; it gets the weights of its best epoch on the second of `samples`.

    `checkpoint` receives every epoch, and is left when all are done: the student's training may be killed too.

    Raises
    ------
    TrainingError
        If the loss is no number any more.
    """
    keras, (train, validation) = require("keras"), samples
    seed_everything(seed)
    steps = config.epochs * -(-len(train.words) // config.batch_size)
    rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer=keras.optimizers.Adam(rate), loss=loss)
    resumption = Resumption(network, checkpoint)
    state = resumption.load(train.words[:1])
    done, best = (0, (-1.0, network.get_weights())) if state is None else (state.facts["done"], _best_of(state))

    def after_epoch(epoch: int, logs: dict[str, float]) -> None:
        nonlocal best
        if not logs["loss"] < float("inf"):
            msg = f"the loss of the reference is {logs['loss']} in epoch {epoch + 1}; lower its learning_rate"
            raise TrainingError(msg)
        best = max(best, (validation.accuracy(network), network.get_weights()), key=lambda item: item[0])
        resumption.save({"done": epoch + 1, "accuracy": best[0]}, best[1])
        progress.advance()

    progress.start("reference in floats", config.epochs)
    if done:
        progress.advance(done)
    if done < config.epochs:
        told = keras.callbacks.LambdaCallback(on_epoch_end=after_epoch)
        options = {"initial_epoch": done, "epochs": config.epochs, "verbose": 0}
        network.fit(**fit_arguments((train.words, train.classes), config.batch_size), callbacks=[told], **options)
    progress.finish()
    network.set_weights(best[1])
    return network


def _best_of(state: State) -> tuple[float, list[Any]]:
    """Accuracy and weights of the best epoch before the note was made."""
    return float(state.facts["accuracy"]), list(state.arrays)

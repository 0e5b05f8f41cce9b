"""The loop that all families share: epochs with pruning, early stopping, a checkpoint after each, a stop where numbers end."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import TrainingError
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.config import TrainingConfig
from l1ml.training.early_stopping import EarlyStopping
from l1ml.training.epoch_batches import fit_arguments
from l1ml.training.pruning import Pruning
from l1ml.training.resumption import Resumption

__all__ = ["Arrays", "Figure", "Fit", "fit"]

Arrays = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""Inputs, targets and weights of crossings."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """What chooses an epoch in place of the validation loss.

    Parameters
    ----------
    name : str
        Of its curve among the losses.
    value : callable
        What the network is worth as it is now, pruned; more is better.
    """

    name: str
    value: Callable[[], float]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Loss curves, and the epoch whose weights the network has now, counted from one."""

    losses: dict[str, list[float]]
    best_epoch: int


def fit(
    model: Any,
    network: Any,
    pruning: Pruning,
    data: Sequence[Arrays],
    config: TrainingConfig,
    *,
    figure: Figure | None = None,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> Fit:
    """Train the compiled `model`; afterwards it has the weights of its best epoch.

    The batches of every epoch are the same ones in the same order, see `l1ml.training.epoch_batches`: that lets a training go on
    from a checkpoint as if nothing had happened.

    Parameters
    ----------
    model : keras.Model
        Compiled.
    network : keras.Model
        The part of it that is pruned.
    pruning : Pruning
        Has made the constraints of `network`.
    data : sequence of Arrays
        Train and validation crossings.
    config : TrainingConfig
        Schedule.
    figure : Figure, optional
        What the best epoch has most of, instead of the smallest validation loss.
    progress : Progress
        Told about epochs.
    checkpoint : Checkpoint, optional
        Receives every epoch, and gives the one to go on from; removed when the training is done.

    Raises
    ------
    TrainingError
        If a loss is NaN or infinite: `model` then has the weights of the last whole epoch, and so has `checkpoint`.
    """
    loop = _Loop(model, network, pruning, config, figure=figure, progress=progress, checkpoint=checkpoint)
    train, validation = data
    begin = loop.resume(train[0][:1])
    progress.start("training", config.epochs)
    if begin:
        progress.advance(begin)
    if not loop.stopping.is_over:
        callback = require("keras").callbacks.LambdaCallback(on_train_batch_end=loop.after_batch, on_epoch_end=loop.after_epoch)
        model.fit(
            **fit_arguments(train, config.batch_size),
            validation_data=validation,
            validation_batch_size=config.batch_size,
            initial_epoch=begin,
            epochs=config.epochs,
            callbacks=[callback],
            verbose=0,
        )
    loop.finish()
    progress.finish()
    return Fit(loop.losses, loop.best_epoch)


class _Loop:
    """What happens between batches and between epochs."""

    def __init__(
        self,
        model: Any,
        network: Any,
        pruning: Pruning,
        config: TrainingConfig,
        *,
        figure: Figure | None,
        progress: Progress,
        checkpoint: Checkpoint | None,
    ) -> None:
        self.model, self.network, self.pruning, self.figure = model, network, pruning, figure
        self.config, self.progress, self.checkpoint = config, progress, checkpoint
        self.stopping = EarlyStopping(config.patience, config.pruning_epochs)
        self.losses: dict[str, list[float]] = {}
        self.batch = 0
        self.good: list[NDArray[np.float32]] = model.get_weights()
        pruning.begin(network)
        self.resumption = Resumption(model, checkpoint, pruning.masks)

    @property
    def best_epoch(self) -> int:
        """The epoch with the smallest validation loss, or most of the figure, among those that count, from one."""
        curve = self.losses["val_loss"] if self.figure is None else [-value for value in self.losses[self.figure.name]]
        first = min(self.config.pruning_epochs, len(curve) - 1)
        return first + int(np.argmin(curve[first:])) + 1

    def after_batch(self, batch: int, logs: Mapping[str, float]) -> None:
        """Stop where the loss is no number; it is the mean of the epoch so far, so the first such batch is the one."""
        self.batch = batch + 1
        if not math.isfinite(logs["loss"]):
            self._refuse(f"batch {self.batch}", logs["loss"])

    def after_epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Prune, look whether to stop, write it all down."""
        if not math.isfinite(logs["val_loss"]):
            self._refuse("validation", logs["val_loss"])
        for key, value in logs.items():
            self.losses.setdefault(key, []).append(float(value))
        self.pruning.after_epoch(self.network, epoch)
        self.stopping.after_epoch(epoch, self._counted(logs), self.model.get_weights)
        self.good = self.model.get_weights()
        self.model.stop_training = self.stopping.is_over
        self._save(epoch + 1)
        self.progress.advance()

    def _counted(self, logs: Mapping[str, float]) -> float:
        """What is to be small, after pruning."""
        if self.figure is None:
            return float(logs["val_loss"])
        self.losses.setdefault(self.figure.name, []).append(float(self.figure.value()))
        return -self.losses[self.figure.name][-1]

    def _refuse(self, where: str, loss: float) -> None:
        epoch = len(next(iter(self.losses.values()), ())) + 1
        self.model.set_weights(self.good)
        kept = (
            "" if self.checkpoint is None or epoch == 1 else f"; the weights of epoch {epoch - 1} are in {self.checkpoint.path}"
        )
        msg = f"the loss is {loss} in epoch {epoch}, {where}{kept}; lower learning_rate or widen the formats, and train again"
        raise TrainingError(msg)

    def finish(self) -> None:
        """Give the model the weights of its best epoch; nothing is left to go on from."""
        if self.stopping.weights is not None:
            self.model.set_weights(self.stopping.weights)
        self.resumption.remove()

    def _save(self, done: int) -> None:
        best = self.stopping.weights or []
        self.resumption.save({"done": done, "losses": self.losses, "stopping": self.stopping.facts}, best)

    def resume(self, sample: NDArray[np.float32]) -> int:
        """Take the state of the checkpoint, if it has one; the number of epochs that are done."""
        state = self.resumption.load(sample)
        if state is None:
            return 0
        self.losses = state.facts["losses"]
        self.stopping.restore(state.facts["stopping"], [np.asarray(item) for item in state.arrays])
        self.good = self.model.get_weights()
        return int(state.facts["done"])

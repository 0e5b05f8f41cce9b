"""Training of weights and their bits together, and of the weights alone once the bits are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.determinism import graphs_as_written, seed_everything
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from l1ml.training.bits.config import BitsConfig
from l1ml.training.bits.cost import BitOperations, learned_quantisers
from l1ml.training.bits.freezing import FrozenCost, calibrate, freeze_bits
from l1ml.training.bits.front import BitsPoint, ParetoFront
from l1ml.training.bits.learned_bits import LOWEST
from l1ml.training.bits.multiplications import multiplications
from l1ml.training.bits.task import BitsTask
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.epoch_batches import fit_arguments
from l1ml.training.resumption import Resumption

keras = require("keras")

__all__ = ["learn_bits", "settle"]


class Priced(keras.Model):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """A network whose loss holds the price of its bits, where `config` says one, and that of squares of its outputs."""

    def __init__(self, network: Any, config: BitsConfig | None = None, *, squared: bool = False) -> None:
        super().__init__()
        self.network = network
        self.cost = BitOperations(network, squared=squared)
        self.price = self.add_weight(shape=(), initializer="zeros", trainable=False, name="price")
        self.prices = config

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The network."""
        return self.network(inputs, training=training)

    def compute_loss(self, *args: Any, **options: Any) -> Any:
        """Its loss, plus the price of all effective bit operations, of all bits, and of terms too many."""
        loss, config = super().compute_loss(*args, **options), self.prices
        if config is None:
            return loss
        operations = self.cost.total()
        if config.terms:
            operations += config.term_cost * self.cost.excess(config.terms)
        return loss + self.price * operations + config.bit_price * self.cost.bits()


def learn_bits(
    network: Any,
    task: BitsTask,
    config: BitsConfig,
    *,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> ParetoFront:
    """Train `network`, all of whose weights and activations have learned bits, in place; the networks worth keeping.

    What each of them costs is what it would cost frozen, see `FrozenCost`; the price of the training is that of `BitOperations`.

    `checkpoint` receives every epoch, and gives the one to go on from, to the same result; it is left when all epochs are done,
    and then gives that result.

    Raises
    ------
    ConversionError
        If a layer has no learned bits where it needs them.
    DataError
        If the loss is no number any more; `network` then has the weights of the last epoch whose loss was one.
    """
    seed_everything(config.seed)
    network(task.inputs[: config.batch_size], training=True)
    stage = _Learning(Priced(network, config, squared=task.squared), task, config)
    progress.start("learning bits", config.epochs)
    rate = _falling(config.epochs, task, config) if config.annealed else config.learning_rate
    _fit(stage, config.epochs, rate, progress, checkpoint)
    progress.finish()
    return stage.front


def settle(
    network: Any,
    point: BitsPoint,
    task: BitsTask,
    config: BitsConfig,
    *,
    limit: float = np.inf,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> Any:
    """Train the weights of `point` on with its bits held, calibrate on the inputs, freeze: a model of fixed formats.

    The best epoch within `limit` effective bit operations counts, the start included, whatever that has. `checkpoint` is as for
    `learn_bits`, and must be another file.

    Raises
    ------
    DataError
        As `learn_bits`.
    """
    seed_everything(config.seed)
    network.set_weights(point.weights)
    quantisers = learned_quantisers(network)
    if config.pruned_stay:
        _hold_zeros(network)
    stage = _Settling(Priced(network), task, config, limit)
    for item in quantisers:
        item.trainable = False
    try:
        if config.settle_epochs:
            progress.start("settling", config.settle_epochs)
            _fit(stage, config.settle_epochs, _falling(config.settle_epochs, task, config), progress, checkpoint)
            progress.finish()
    finally:
        for item in quantisers:
            item.trainable = True
    network.set_weights(stage.best)
    calibrate(network, task.inputs)
    return freeze_bits(network)


def _hold_zeros(network: Any) -> None:
    """Take all bits from what rounds to zero, or from a channel or layer all of whose weights do: on that grid it stays zero."""
    for item in multiplications(network):
        fractional = item.quantiser.fractional
        is_zero = np.asarray(item.quantiser(item.weights)) == 0
        shared = tuple(axis for axis, length in enumerate(fractional.shape) if length == 1)
        fractional.assign(np.where(is_zero.all(axis=shared, keepdims=True), LOWEST, np.asarray(fractional)))


class _Stage(Protocol):
    """One of the two trainings."""

    priced: Priced
    task: BitsTask
    config: BitsConfig

    def begin(self, epoch: int) -> None:
        """Do what comes before `epoch`, from 0."""

    def end(self, epoch: int, loss: float) -> None:
        """Look at the network after `epoch`."""

    def arrays(self) -> list[NDArray[Any]]:
        """What was found, for `restore`."""

    def restore(self, arrays: Sequence[NDArray[Any]]) -> None:
        """Have found what gave `arrays`."""


class _Learning:
    """The one in which the price rises."""

    def __init__(self, priced: Priced, task: BitsTask, config: BitsConfig) -> None:
        self.priced, self.task, self.config = priced, task, config
        self.front, self.cost = ParetoFront(), _frozen_cost(priced, task)

    def begin(self, epoch: int) -> None:
        self.priced.price.assign(self.config.price(epoch))

    def end(self, epoch: int, loss: float) -> None:
        network = self.priced.network
        quality, watched = self.task.figures_of(network)
        self.front.losses.append(loss)
        self.front.watched.append(watched)
        self.front.offer(BitsPoint(epoch + 1, quality, self.cost(), network.get_weights()))

    def arrays(self) -> list[NDArray[Any]]:
        return self.front.arrays()

    def restore(self, arrays: Sequence[NDArray[Any]]) -> None:
        self.front = ParetoFront.of_arrays(arrays)


class _Settling:
    """The one in which bits are held and the best weights are kept."""

    def __init__(self, priced: Priced, task: BitsTask, config: BitsConfig, limit: float) -> None:
        self.priced, self.task, self.config, self.limit = priced, task, config, limit
        self.cost = _frozen_cost(priced, task)
        self.quality, self.best = task.quality_of(priced.network), priced.network.get_weights()

    def begin(self, epoch: int) -> None:
        pass

    def end(self, epoch: int, loss: float) -> None:  # noqa: ARG002  a stage has both
        quality = self.task.quality_of(self.priced.network)
        if quality > self.quality and self._is_within():
            self.quality, self.best = quality, self.priced.network.get_weights()

    def _is_within(self) -> bool:
        """Held bits do not hold the cost: weights that were zero come back, and activations grow."""
        return np.isinf(self.limit) or self.cost() <= self.limit

    def arrays(self) -> list[NDArray[Any]]:
        return [np.array(self.quality), *self.best]

    def restore(self, arrays: Sequence[NDArray[Any]]) -> None:
        self.quality, self.best = float(arrays[0]), list(arrays[1:])


def _frozen_cost(priced: Priced, task: BitsTask) -> FrozenCost:
    return FrozenCost(priced.network, task.inputs, squared=task.squared)


def _falling(epochs: int, task: BitsTask, config: BitsConfig) -> Any:
    """A learning rate that is zero after `epochs`."""
    steps = epochs * -(-len(task.inputs) // config.batch_size)
    return keras.optimizers.schedules.CosineDecay(config.learning_rate, steps)


def _fit(stage: _Stage, epochs: int, rate: Any, progress: Progress, checkpoint: Checkpoint | None) -> None:
    """Fit, telling `stage` about each epoch; a loss that is no number ends it with the weights before it."""
    priced, task = stage.priced, stage.task
    # one call of the graph for all batches of an epoch: a third of the time of so small a network went into single calls
    steps = -(-len(task.inputs) // stage.config.batch_size)
    priced.compile(optimizer=keras.optimizers.Adam(rate), loss=task.loss, steps_per_execution=steps)
    resumption = Resumption(priced, checkpoint)
    if state := resumption.load(task.inputs[:1]):
        stage.restore(state.arrays)
    done = int(state.facts["done"]) if state else 0
    kept = priced.network.get_weights()

    def check(epoch: int, logs: dict[str, float]) -> None:
        nonlocal kept
        if not np.isfinite(logs["loss"]):
            priced.network.set_weights(kept)
            what = f"the loss is {logs['loss']} in epoch {epoch + 1}"
            msg = f"{what}; the network has the weights of epoch {epoch}: lower learning_rate"
            raise DataError(msg)
        kept = priced.network.get_weights()
        stage.end(epoch, float(logs["loss"]))
        resumption.save({"done": epoch + 1}, stage.arrays())
        progress.advance()

    told = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _logs: stage.begin(epoch), on_epoch_end=check)
    options = {"initial_epoch": done, "epochs": epochs, "verbose": 0}
    if done:
        progress.advance(done)
    if done < epochs:
        with graphs_as_written():
            priced.fit(**fit_arguments((task.inputs, task.targets), stage.config.batch_size), callbacks=[told], **options)

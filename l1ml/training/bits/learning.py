"""Training of weights and their bits together, and of the weights alone once the bits are chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.determinism import seed_everything
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from l1ml.training.bits.config import BitsConfig
from l1ml.training.bits.cost import BitOperations, learned_quantisers
from l1ml.training.bits.freezing import calibrate, freeze_bits
from l1ml.training.bits.front import BitsPoint, ParetoFront

keras = require("keras")
ops = keras.ops

__all__ = ["BitsTask", "learn_bits", "settle"]

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class BitsTask:
    """What a network of learned bits is trained for.

    Parameters
    ----------
    inputs, targets : ndarray, shapes (n, ...)
        To train on.
    validation : pair of ndarray
        Inputs and targets that choose among the networks.
    loss : str or callable
        A loss of Keras.
    quality : callable
        Of targets and outputs (arrays of the validation sample), the figure that counts; more is better.

    Raises
    ------
    DataError
        If a sample is empty or an input is no finite number.
    """

    inputs: Floats
    targets: NDArray[Any]
    validation: tuple[Floats, NDArray[Any]]
    loss: Any
    quality: Callable[[NDArray[Any], Floats], float]

    def __post_init__(self) -> None:
        for name, inputs in (("training", self.inputs), ("validation", self.validation[0])):
            wrong = int((~np.isfinite(inputs)).sum())
            if not len(inputs) or wrong:
                msg = f"the {name} sample has {len(inputs)} crossings with {wrong} numbers that are NaN or infinite"
                raise DataError(msg)

    def quality_of(self, model: Any) -> float:
        """Quality of `model` on the validation sample."""
        inputs, targets = self.validation
        return float(self.quality(targets, np.asarray(model.predict(inputs, batch_size=8192, verbose=0))))


class Priced(keras.Model):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """A network whose loss holds the price of its bits."""

    def __init__(self, network: Any, bit_price: float) -> None:
        super().__init__()
        self.network = network
        self.cost = BitOperations(network)
        self.price = self.add_weight(shape=(), initializer="zeros", trainable=False, name="price")
        self.bit_price = bit_price

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The network."""
        return self.network(inputs, training=training)

    def compute_loss(self, *args: Any, **options: Any) -> Any:
        """Its loss, plus the price of all effective bit operations and of all bits."""
        loss = super().compute_loss(*args, **options)
        return loss + self.price * self.cost.total() + self.bit_price * self.cost.bits()


def learn_bits(network: Any, task: BitsTask, config: BitsConfig, progress: Progress = SILENT) -> ParetoFront:
    """Train `network`, all of whose weights and activations have learned bits, in place; the networks worth keeping.

    Raises
    ------
    ConversionError
        If a layer has no learned bits where it needs them.
    DataError
        If the loss is no number any more; `network` then has the weights of the last epoch whose loss was one.
    """
    seed_everything(config.seed)
    network(task.inputs[: config.batch_size], training=True)
    priced = Priced(network, config.bit_price)
    front = ParetoFront()
    progress.start("learning bits", config.epochs)

    def begin(epoch: int, _logs: Any) -> None:
        priced.price.assign(config.price(epoch))

    def end(epoch: int, loss: float) -> None:
        front.losses.append(loss)
        cost = float(priced.cost.total())
        front.offer(BitsPoint(epoch + 1, task.quality_of(network), cost, network.get_weights()))
        progress.advance()

    _fit(priced, task, config, epochs=config.epochs, rate=config.learning_rate, begin=begin, end=end)
    progress.finish()
    return front


def settle(network: Any, point: BitsPoint, task: BitsTask, config: BitsConfig) -> Any:
    """Train the weights of `point` on with its bits held, calibrate on the inputs, freeze: a model of fixed formats.

    The best epoch counts, the start included.

    Raises
    ------
    DataError
        As `learn_bits`.
    """
    seed_everything(config.seed)
    network.set_weights(point.weights)
    quantisers = learned_quantisers(network)
    best = (task.quality_of(network), network.get_weights())
    steps = config.settle_epochs * -(-len(task.inputs) // config.batch_size)

    def end(_epoch: int, _loss: float) -> None:
        nonlocal best
        best = max(best, (task.quality_of(network), network.get_weights()), key=lambda item: item[0])

    for item in quantisers:
        item.trainable = False
    try:
        if config.settle_epochs:
            rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, steps)
            _fit(Priced(network, 0.0), task, config, epochs=config.settle_epochs, rate=rate, begin=None, end=end)
    finally:
        for item in quantisers:
            item.trainable = True
    network.set_weights(best[1])
    calibrate(network, task.inputs)
    return freeze_bits(network)


def _fit(
    priced: Priced,
    task: BitsTask,
    config: BitsConfig,
    *,
    epochs: int,
    rate: Any,
    begin: Callable[[int, Any], None] | None,
    end: Callable[[int, float], None],
) -> None:
    """Fit, telling `begin` and `end` about each epoch; a loss that is no number ends it with the weights before it."""
    kept = priced.network.get_weights()

    def check(epoch: int, logs: dict[str, float]) -> None:
        nonlocal kept
        if not np.isfinite(logs["loss"]):
            priced.network.set_weights(kept)
            what = f"the loss is {logs['loss']} in epoch {epoch + 1}"
            msg = f"{what}; the network has the weights of epoch {epoch}: lower learning_rate"
            raise DataError(msg)
        kept = priced.network.get_weights()
        end(epoch, float(logs["loss"]))

    priced.compile(optimizer=keras.optimizers.Adam(rate), loss=task.loss)
    told = keras.callbacks.LambdaCallback(on_epoch_begin=begin, on_epoch_end=check)
    priced.fit(task.inputs, task.targets, batch_size=config.batch_size, epochs=epochs, callbacks=[told], verbose=0)

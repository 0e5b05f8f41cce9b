"""Training of a network of voxels by its weighted squared error, with batches that are made as they are needed.

Losses of diffusion, of flow matching and of both distillations are such errors: they differ in the batches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.determinism import graphs_as_written, seed_everything
from l1ml.errors import TrainingError
from l1ml.progress import Progress
from offline.calorimeter.generators.diffusion.network import compiled_network
from offline.calorimeter.generators.diffusion.network_shape import NetworkShape
from offline.density import Training
from offline.folder_checkpoint import FolderCheckpoint

keras = require("keras")
ops = keras.ops

__all__ = ["Batch", "Batches", "Regression"]

_KEPT_EVERY = 250
"""Updates after which a training is kept, so that it goes on from there."""


class Batch(NamedTuple):
    """What one update learns from."""

    inputs: Sequence[NDArray[np.float32]]
    target: NDArray[np.float32]
    weight: NDArray[np.float32]


Batches = Callable[[NDArray[np.int64], np.random.Generator], Batch]
"""A batch of the given showers."""


class SquaredError(keras.Model):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """A network that is trained by the weighted mean of its squared errors."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def call(self, inputs: Any) -> Any:
        return self.network(inputs)

    def compute_loss(
        self,
        x: Any = None,  # noqa: ARG002  the signature is Keras's
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,  # noqa: ARG002
    ) -> Any:
        # a weight of 2 is twice the error, whatever the others of the batch are
        return ops.mean(sample_weight * ops.mean(ops.square(y_pred - y), axis=(1, 2, 3)))


class Regression:
    """A network that learns.

    Parameters
    ----------
    shape : NetworkShape
        Of the network.
    seed : int
        Of its weights, and of order and noise in the training.
    weights : sequence of ndarray, optional
        To start from.
    """

    def __init__(self, shape: NetworkShape, seed: int, weights: Sequence[NDArray[Any]] | None = None) -> None:
        seed_everything(seed)
        self._seed, self._network = seed, compiled_network(shape)
        if weights is not None:
            self._network.set_weights(list(weights))
        self._model = SquaredError(self._network)
        self._model.compile(keras.optimizers.Adam(beta_2=0.99, clipnorm=1.0), jit_compile=keras.backend.backend() == "jax")
        self._model.optimizer.build(self._network.trainable_variables)

    def weights(self) -> tuple[NDArray[Any], ...]:
        """Of the network, as they are now."""
        return tuple(np.array(part) for part in self._network.get_weights())

    def found(self, inputs: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """What the network gives now; ask for one number of showers only, for which it is traced."""
        with graphs_as_written():
            return np.asarray(self._network.predict_on_batch(list(inputs)))

    def train(
        self,
        batches: Batches,
        n: int,
        training: Training,
        *,
        task: str,
        progress: Progress,
        checkpoint: FolderCheckpoint | None = None,
    ) -> list[float]:
        """Mean loss of each stretch of updates; a training that was stopped goes on from its last stretch.

        Parameters
        ----------
        batches : callable
            Makes a batch of some of `n` showers.
        n : int
            Showers.
        training : Training
            Schedule.
        task : str
            What it is called.
        progress : Progress
            Told about updates.
        checkpoint : FolderCheckpoint, optional
            Where it is kept meanwhile.

        Raises
        ------
        TrainingError
            If a loss is not finite.
        """
        losses = self._resumed(checkpoint, task)
        progress.start(task, training.updates)
        progress.advance(min(len(losses) * _KEPT_EVERY, training.updates))
        for first in range(len(losses) * _KEPT_EVERY, training.updates, _KEPT_EVERY):
            steps = range(first, min(first + _KEPT_EVERY, training.updates))
            with graphs_as_written():
                losses.append(self._stretch(batches, n, training, steps, progress))
            if not np.isfinite(losses[-1]):
                msg = f"the loss of the {task} is {losses[-1]} after {steps.stop} updates: give a smaller learning rate"
                raise TrainingError(msg)
            self._keep(checkpoint, task, losses)
        progress.finish()
        return losses

    def _stretch(self, batches: Batches, n: int, training: Training, steps: range, progress: Progress) -> float:
        """Mean loss of some updates; what is random in one depends on its number alone."""
        size, losses = training.batch_of(n), []
        for step in steps:
            rows = _rows(n, size, step, self._seed)
            batch = batches(rows, np.random.default_rng((self._seed, 1, step)))
            self._model.optimizer.learning_rate = training.rate(step)
            losses.append(float(self._model.train_on_batch(list(batch.inputs), batch.target, sample_weight=batch.weight)))
            progress.advance()
        return float(np.mean(losses))

    def _variables(self) -> list[Any]:
        return [*self._network.variables, *self._model.optimizer.variables]

    def _keep(self, checkpoint: FolderCheckpoint | None, task: str, losses: list[float]) -> None:
        if checkpoint is not None:
            arrays = {str(at): np.array(ops.convert_to_numpy(part)) for at, part in enumerate(self._variables())}
            checkpoint.write(task, {**arrays, "losses": np.array(losses)})

    def _resumed(self, checkpoint: FolderCheckpoint | None, task: str) -> list[float]:
        """Losses of what was done already, whose state is taken on."""
        kept = None if checkpoint is None else checkpoint.read(task)
        if kept is None:
            return []
        for at, variable in enumerate(self._variables()):
            variable.assign(kept[str(at)])
        return [float(loss) for loss in kept["losses"]]


def _rows(n: int, size: int, step: int, seed: int) -> NDArray[np.int64]:
    """Showers of an update: all of them once in a pass, but for a rest smaller than a batch."""
    passes, at = divmod(step, max(1, n // size))
    return _order(n, passes, seed)[at * size : (at + 1) * size]


@lru_cache(maxsize=1)
def _order(n: int, passes: int, seed: int) -> NDArray[np.int64]:
    """Order of a pass."""
    return np.random.default_rng((seed, 0, passes)).permutation(n)

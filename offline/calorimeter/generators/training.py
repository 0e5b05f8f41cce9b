"""Training of the two networks of a cascade, on whatever backend Keras has."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.determinism import seed_everything
from l1ml.errors import TrainingError
from l1ml.progress import Progress
from offline.calorimeter.generators.dense import Dense
from offline.calorimeter.generators.layer_flow import flow_inputs
from offline.calorimeter.generators.layer_inputs import OWN_TERMS, LayerInputs
from offline.calorimeter.generators.ring_sums import RingSums, ring_layers, ring_sizes
from offline.calorimeter.generators.settings import Schedule
from offline.calorimeter.generators.voxel_draw import SCALE_RANGE, SHAPE_RANGE, RingLaw
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.folder_checkpoint import FolderCheckpoint

keras = require("keras")
ops = keras.ops

__all__ = ["train_flow", "train_rings"]

FloatArray = NDArray[np.float64]
Batch = Callable[[NDArray[np.int64], np.random.Generator], tuple[Any, Any]]


def train_flow(
    scores: FloatArray,
    at: FloatArray,
    held_out: int,
    schedule: Schedule,
    *,
    seed: int,
    progress: Progress,
    checkpoint: FolderCheckpoint | None = None,
) -> tuple[Dense | None, dict[str, Any]]:
    """Velocity of `scores`, shape (n, k), beyond that of a standard normal distribution; none if it is no better.

    Parameters
    ----------
    scores : ndarray of float64
        Nearly standard normal.
    at : ndarray of float64, shape (n,)
        Scaled ln E.
    held_out : int
        How many of the last showers are not learnt from, but decide whether the network is kept.
    schedule : Schedule
        Training.
    seed : int
        Of start, order and noise.
    progress : Progress
        Told about epochs.
    checkpoint : FolderCheckpoint, optional
        Where it is kept after each epoch.

    Returns
    -------
    velocity : Dense or None
        The network.
    record : dict
        Mean loss of each epoch, and on the held-out showers of the network and without one.
    """
    seed_everything(seed)
    n, k = scores.shape

    def batch(rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[Any, Any]:
        target, time = scores[rows], rng.random((len(rows), 1))
        noise = rng.standard_normal(target.shape)
        place = noise + time * (target - noise)
        normal = place * (2 * time - 1) / (np.square(1 - time) + np.square(time))
        return flow_inputs(place, time[:, 0], at[rows]), (target - noise - normal).astype(np.float32)

    tested = np.arange(n - held_out, n)
    inputs, targets = batch(np.tile(tested, max(1, 20_000 // held_out)), np.random.default_rng((seed, 1)))
    model = _perceptron(inputs.shape[1], schedule.hidden, k)
    kept = _Kept(model, "flow of layers", checkpoint)
    losses = _train(kept, "mean_squared_error", batch, n - held_out, schedule, seed=seed, progress=progress)
    velocity = Dense.of(model.get_weights())
    loss, without = float(np.square(velocity(inputs) - targets).mean()), float(np.square(targets).mean())
    record = {"loss": losses, "held_out_loss": loss, "held_out_loss_without": without}
    return (velocity if loss < without else None), record


def train_rings(
    geometry: CalorimeterGeometry,
    sums: RingSums,
    held_out: int,
    hit_energy: float,
    schedule: Schedule,
    *,
    seed: int,
    progress: Progress,
    checkpoint: FolderCheckpoint | None = None,
) -> tuple[RingLaw, dict[str, Any]]:
    """Law of the rings by its likelihood; parameters as for `train_flow`."""
    seed_everything(seed)
    hits = sums.layer_hits(geometry)
    inputs = LayerInputs.of(sums.incident, sums.layers, hits, hit_energy)
    blank = np.zeros((len(ring_sizes(geometry)), OWN_TERMS, 3), np.float32)
    scaled = inputs(sums.incident, sums.layers, hits)

    def batch(rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[Any, Any]:  # noqa: ARG001  nothing is random
        return scaled[rows], np.stack([sums.hits[rows], sums.logs[rows], sums.shares[rows]], axis=2)

    n = len(scaled)
    model, loss = _ring_model(geometry, scaled.shape[1], schedule.hidden), ring_loss(geometry)
    kept = _Kept(model, "law of rings", checkpoint)
    losses = _train(kept, loss, batch, n - held_out, schedule, seed=seed, progress=progress)
    weights = model.get_weights()
    own = next(part for part in weights if part.shape == blank.shape)
    law = RingLaw(geometry, inputs, Dense.of([part for part in weights if part is not own]), own)
    tested = np.arange(n - held_out, n)
    parts = [batch(tested[at : at + 500], np.random.default_rng(0)) for at in range(0, held_out, 500)]
    found = [float(np.mean(loss(ops.convert_to_tensor(y), model(x)))) * len(x) for x, y in parts]
    return law, {"loss": losses, "held_out_loss": sum(found) / held_out}


class _OwnTerms(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """Terms of the layer of each ring, with coefficients of the ring."""

    def __init__(self, layer_of: NDArray[np.int64], n_layers: int) -> None:
        super().__init__()
        self._layer_of, self._n = layer_of, n_layers
        self.coefficients = self.add_weight(shape=(len(layer_of), OWN_TERMS, 3), initializer="zeros", name="own")

    def call(self, scaled: Any) -> Any:
        """Their sum, shape (n, n_rings, 3)."""
        energy, hits = scaled[:, 1 : self._n + 1], scaled[:, self._n + 1 :]
        at = ops.broadcast_to(scaled[:, :1], ops.shape(energy))
        terms = (at, energy, hits, energy * energy, hits * hits, energy * hits, at * energy, at * hits)
        spread = ops.take(ops.stack(terms, axis=2), self._layer_of, axis=1)
        return ops.einsum("nrf,rfk->nrk", spread, self.coefficients)


def _ring_model(geometry: CalorimeterGeometry, n_inputs: int, hidden: tuple[int, ...]) -> Any:
    """The network of a `RingLaw`."""
    layer_of = ring_layers(geometry)
    inputs = keras.Input((n_inputs,))
    made = _hidden(inputs, hidden)
    made = keras.layers.Dense(3 * len(layer_of), kernel_initializer="zeros")(made)
    made = keras.layers.Reshape((len(layer_of), 3))(made)
    return keras.Model(inputs, made + _OwnTerms(layer_of, geometry.n_layers)(inputs))


def ring_loss(geometry: CalorimeterGeometry) -> Callable[[Any, Any], Any]:
    """Minus the log-likelihood of each shower per ring, from the sums (hits, logs, shares) and the three numbers.

    Hits of a ring are binomial; shares of a layer are gamma distributed numbers over their sum: with A the sum of a over all
    hits, ln p = ln G(A) - A ln(sum s / b) + sum (a - 1) ln s - a ln b - ln G(a), where b is the scale of the ring.
    """
    size = ring_sizes(geometry).astype(np.float32)
    to_layers = np.eye(geometry.n_layers, dtype=np.float32)[ring_layers(geometry)]

    def loss(sums: Any, numbers: Any) -> Any:
        hits, logs, shares = (sums[..., at] for at in range(3))
        logit = numbers[..., 0]
        log_a, log_b = ops.clip(numbers[..., 1], *SHAPE_RANGE), ops.clip(numbers[..., 2], *SCALE_RANGE)
        a = ops.exp(log_a)
        # a layer without hits says nothing of where they would be
        seen = ops.matmul(ops.matmul(hits, to_layers), to_layers.T) > 0.5
        binomial = hits * ops.softplus(-logit) + (size - hits) * ops.softplus(logit)
        each = hits * (a * log_b + _log_gamma(a)) - (a - 1.0) * logs
        total = ops.matmul(hits * a, to_layers)
        common = total * ops.log(ops.matmul(shares * ops.exp(-log_b), to_layers) + 1e-30) - _log_gamma(
            ops.where(total > 0, total, 1.0)
        )
        voxels = ops.sum(ops.where(seen, binomial + each, 0.0), axis=1)
        return (voxels + ops.sum(ops.where(total > 0, common, 0.0), axis=1)) / len(size)

    return loss


def _log_gamma(x: Any) -> Any:
    """Logarithm of the gamma function of x > 0, which Keras does not have: Stirling's series of x + 4."""
    y = x + 4.0
    series = (y - 0.5) * ops.log(y) - y + 0.9189385 + 1 / (12.0 * y) - 1 / (360.0 * y * y * y)
    return series - ops.log(x * (x + 1.0)) - ops.log((x + 2.0) * (x + 3.0))


def _hidden(inputs: Any, widths: tuple[int, ...]) -> Any:
    for width in widths:
        inputs = keras.layers.Dense(width, activation="silu")(inputs)
    return inputs


def _perceptron(n_inputs: int, widths: tuple[int, ...], n_outputs: int) -> Any:
    inputs = keras.Input((n_inputs,))
    return keras.Model(inputs, keras.layers.Dense(n_outputs, kernel_initializer="zeros")(_hidden(inputs, widths)))


@dataclass(frozen=True, eq=False, slots=True)
class _Kept:
    """A model whose training of the name `task` can be stopped: all that changes in an epoch is kept after it."""

    model: Any
    task: str
    checkpoint: FolderCheckpoint | None

    def _variables(self) -> list[Any]:
        # the mean of the loss goes on, too, over the batches
        model = self.model
        return [*model.weights, *model.optimizer.variables, *model.metrics_variables]

    def keep(self, losses: list[float], rng: np.random.Generator) -> None:
        """Write the state after as many epochs as there are `losses`."""
        if self.checkpoint is not None:
            arrays = {str(at): np.array(ops.convert_to_numpy(part)) for at, part in enumerate(self._variables())}
            state = np.frombuffer(json.dumps(rng.bit_generator.state).encode(), np.uint8)
            self.checkpoint.write(self.task, {**arrays, "losses": np.array(losses), "rng": state})

    def resume(self, rng: np.random.Generator) -> list[float]:
        """Losses of the epochs that are done already, whose state the model and `rng` take on."""
        kept = None if self.checkpoint is None else self.checkpoint.read(self.task)
        if kept is None:
            return []
        for at, variable in enumerate(self._variables()):
            variable.assign(kept[str(at)])
        rng.bit_generator.state = json.loads(kept["rng"].tobytes())
        return [float(loss) for loss in kept["losses"]]


def _train(kept: _Kept, loss: Any, batch: Batch, n: int, schedule: Schedule, *, seed: int, progress: Progress) -> list[float]:
    """Mean loss of each epoch."""
    model, task = kept.model, kept.task
    rng = np.random.default_rng((seed, 0))
    size = min(schedule.batch, n)
    steps = n // size
    rate = keras.optimizers.schedules.CosineDecay(schedule.learning_rate, schedule.epochs * steps)
    model.compile(keras.optimizers.Adam(rate, beta_2=0.99, clipnorm=1.0), loss)
    model.optimizer.build(model.trainable_variables)
    losses = kept.resume(rng)
    progress.start(task, schedule.epochs)
    progress.advance(len(losses))
    for _ in range(len(losses), schedule.epochs):
        order = rng.permutation(n)
        found = [float(model.train_on_batch(*batch(order[at * size : (at + 1) * size], rng))) for at in range(steps)]
        losses.append(float(np.mean(found)))
        if not np.isfinite(losses[-1]):
            msg = f"the loss of the {task} is {losses[-1]} after {len(losses)} epochs: give a smaller learning rate"
            raise TrainingError(msg)
        kept.keep(losses, rng)
        progress.advance()
    progress.finish()
    return losses

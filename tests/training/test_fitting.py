from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l1ml.errors import TrainingError
from l1ml.training import TrainingConfig
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.fitting import Arrays, Figure, fit
from l1ml.training.pruning import Pruning

keras = pytest.importorskip("keras")

CONFIG = TrainingConfig(epochs=4, pruning_epochs=0, batch_size=64, patience=2)


def line(n: int, rng: np.random.Generator) -> Arrays:
    x = rng.normal(size=(n, 3)).astype(np.float32)
    return x, (x @ np.array([[1.0], [-2.0], [0.5]])).astype(np.float32), np.ones(n, np.float32)


def make_model(rate: Any) -> Any:
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mean_squared_error")
    return model


def test_the_weights_kept_are_those_of_the_best_epoch(rng: np.random.Generator) -> None:
    model, data = make_model(0.3), [line(256, rng), line(128, rng)]
    found = fit(model, model, Pruning(0.0, 0), data, CONFIG)
    loss = float(model.evaluate(data[1][0], data[1][1], batch_size=64, verbose=0))
    assert loss == pytest.approx(min(found.losses["val_loss"]), rel=1e-5)
    assert found.losses["val_loss"][found.best_epoch - 1] == min(found.losses["val_loss"])


def test_a_figure_chooses_the_epoch_in_place_of_the_loss(rng: np.random.Generator) -> None:
    model, data = make_model(0.3), [line(256, rng), line(128, rng)]
    values, seen = iter([1.0, 5.0, 2.0, 3.0]), []

    def figure() -> float:
        seen.append(model.get_weights())
        return next(values)

    found = fit(model, model, Pruning(0.0, 0), data, replace(CONFIG, patience=2), figure=Figure("worth", figure))
    assert found.losses["worth"] == [1.0, 5.0, 2.0, 3.0]
    assert found.best_epoch == 2 != 1 + int(np.argmin(found.losses["val_loss"]))
    for kept, wanted in zip(model.get_weights(), seen[1], strict=True):
        np.testing.assert_array_equal(kept, wanted)


def test_a_loss_that_is_no_number_says_where_and_leaves_the_last_good_weights(rng: np.random.Generator, tmp_path: Path) -> None:
    # four batches an epoch: the second epoch begins well and its third batch follows a step beyond float32
    model = make_model(keras.optimizers.schedules.PiecewiseConstantDecay([5], [0.01, 1e38]))
    data = [line(256, rng), line(128, rng)]
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "k")
    with pytest.raises(TrainingError, match=r"in epoch 2, batch [34]; the weights of epoch 1 are in .*checkpoint.npz"):
        fit(model, model, Pruning(0.0, 0), data, CONFIG, checkpoint=checkpoint)
    state = checkpoint.load()
    assert state is not None
    assert state.facts["done"] == 1
    kept = model.get_weights()
    assert all(np.isfinite(values).all() for values in kept)
    for values, good in zip(kept, state.arrays, strict=False):
        np.testing.assert_array_equal(values, good)


def test_a_validation_loss_that_is_no_number_is_refused(rng: np.random.Generator) -> None:
    model, (train, (x, y, weight)) = make_model(0.01), [line(256, rng), line(128, rng)]
    with pytest.raises(TrainingError, match="the loss is nan in epoch 1, validation; lower"):
        fit(model, model, Pruning(0.0, 0), [train, (x, y * np.nan, weight)], CONFIG)

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from l1ml.determinism import seed_everything
from l1ml.errors import DataError
from l1ml.training.epoch_batches import epoch_batches, order_of_keras

keras = pytest.importorskip("keras")


def trained(given: dict[str, Any]) -> list[NDArray[np.float32]]:
    """Weights after three epochs, in which every batch moves them by a random step, so that order and size of all count."""
    seed_everything(3)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dropout(0.5)])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="mean_squared_error")
    model.fit(**given, epochs=3, verbose=0)
    weights: list[NDArray[np.float32]] = model.get_weights()
    return weights


@pytest.mark.parametrize("n", [5, 64, 100])
def test_a_training_is_that_of_keras_bit_for_bit(n: int, rng: np.random.Generator) -> None:
    x, y, weight = (rng.normal(size=(n, *shape)).astype(np.float32) for shape in ((3,), (2,), ()))
    wanted = trained({"x": x, "y": y, "sample_weight": weight, "batch_size": 32})
    found = trained({"x": epoch_batches((x, y, weight), 32), "shuffle": False})
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("n", [5, 64, 100])
def test_every_sample_is_in_one_batch(n: int) -> None:
    seed_everything(1)
    rows = np.arange(n)
    plain, mixed = (list(epoch_batches((rows, -rows), 32, shuffled=shuffled)) for shuffled in (False, True))
    assert [len(batch[0]) for batch in plain] == [len(batch[0]) for batch in mixed] == [32] * (n // 32) + [n % 32] * (n % 32 > 0)
    np.testing.assert_array_equal(np.concatenate([batch[0] for batch in plain]), rows)
    found = np.concatenate([batch[0] for batch in mixed])
    np.testing.assert_array_equal(found, order_of_keras(n))
    np.testing.assert_array_equal(np.sort(found), rows)
    assert (found != rows).any()
    for one, other in mixed:
        np.testing.assert_array_equal(one, -other)


def test_another_seed_gives_another_order() -> None:
    orders = []
    for seed in (1, 1, 2):
        seed_everything(seed)
        orders.append(order_of_keras(50).tolist())
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize("lengths", [(0, 0), (4, 5)])
def test_arrays_that_do_not_count_alike_are_refused(lengths: tuple[int, int]) -> None:
    with pytest.raises(DataError, match=rf"as many in each array; received \[{lengths[0]}, {lengths[1]}\]"):
        epoch_batches([np.zeros(length) for length in lengths], 2)

from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import DataError
from offline.calorimeter.generators.dense import Dense


def test_it_is_what_keras_says(rng: np.random.Generator) -> None:
    import keras

    inputs = keras.Input((5,))
    hidden = keras.layers.Dense(7, activation="silu", bias_initializer="random_normal")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3)(hidden))
    values = 30.0 * rng.standard_normal((40, 5)).astype(np.float32)
    dense = Dense.of(model.get_weights())
    np.testing.assert_allclose(dense(values), model(values), rtol=2e-5, atol=2e-5)
    assert dense.n_weights == model.count_params()
    np.testing.assert_array_equal(Dense.from_arrays(dense.arrays())(values), dense(values))


def test_layers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DataError, match="do not fit"):
        Dense.of([np.ones((5, 7)), np.ones(7), np.ones((6, 3)), np.ones(3)])

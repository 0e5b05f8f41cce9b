"""Every layer on tensors with positions, word for word what Keras computes."""

from __future__ import annotations

import numpy as np
import pytest
from layer_zoo import LAYERS, formats, model_of

from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.model.extraction import extract_network, freeze


@pytest.mark.parametrize("name", LAYERS)
def test_the_integers_are_those_of_keras(name: str, rng: np.random.Generator) -> None:
    shape = LAYERS[name][0]
    model = model_of(name, rounded=False)
    freeze(model)
    network = extract_network(model, formats(shape))
    words = random_words(formats(shape), 400, rng)
    found = IntegerEmulator(network).predict(words).reshape(len(words), -1)
    expected = np.asarray(model(words.astype(np.float32).reshape(-1, *shape)), np.float64).reshape(len(words), -1)
    np.testing.assert_array_equal(found * 2.0 ** -network.stages[-1].fractional, expected)
    assert len(np.unique(expected)) > 1

from __future__ import annotations

import numpy as np
import pytest
from bits_toy import FORMATS, mixed_network, shaken, words

from l1ml.emulation import IntegerEmulator
from l1ml.errors import DataError
from l1ml.model.extraction import extract_network, freeze

pytest.importorskip("qkeras")

from l1ml.training.bits import FrozenCost, calibrate, count_bit_operations, freeze_bits


@pytest.mark.parametrize("seed", [3, 4])
def test_learned_frozen_and_integer_networks_agree_in_every_word(rng: np.random.Generator, seed: int) -> None:
    inputs = words(4000, rng)
    network = shaken(mixed_network(), inputs[:2000], seed)
    frozen = freeze_bits(network)
    learned, fixed = (np.asarray(model(inputs.astype(np.float32))) for model in (network, frozen))
    np.testing.assert_array_equal(learned, fixed)
    before = [np.asarray(weight) for weight in frozen.weights]
    freeze(frozen)
    for old, new in zip(before, frozen.weights, strict=True):
        np.testing.assert_array_equal(old, np.asarray(new))
    emulator = IntegerEmulator(extract_network(frozen, FORMATS))
    np.testing.assert_array_equal(emulator.output_format.from_words(emulator.predict(inputs)), fixed)
    assert len(np.unique(fixed)) > 3


def test_nothing_that_was_calibrated_on_saturates(rng: np.random.Generator) -> None:
    inputs = words(500, rng)
    network = shaken(mixed_network(), inputs)
    grid = freeze_bits(network).get_layer("grid").activation
    # words of 8 bits, scaled to two before the point
    assert grid.integer == [2] * 6
    calibrate(network, (inputs // 16).astype(np.float32))
    assert freeze_bits(network).get_layer("grid").activation.integer == [-2] * 6


def test_the_cost_of_the_frozen_network_is_known_before_it_is_frozen(rng: np.random.Generator) -> None:
    inputs = words(3000, rng).astype(np.float32)
    network = shaken(mixed_network(), (inputs // 16).astype(np.int32))
    cost = FrozenCost(network, inputs, squared=True)
    before, weights = count_bit_operations(network, squared=True), network.get_weights()
    found = cost()
    assert found > before  # it had been calibrated on smaller words
    for old, new in zip(weights, network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    hidden = network.get_layer("hidden").kernel
    hidden.assign(np.zeros(hidden.shape))
    less = cost()
    calibrate(network, inputs)
    assert less == count_bit_operations(freeze_bits(network), squared=True) < found


def test_a_network_that_saw_nothing_is_refused() -> None:
    network = mixed_network()
    with pytest.raises(DataError, match="no inputs to calibrate with"):
        calibrate(network, np.zeros((0, 6), np.float32))
    network(np.zeros((1, 6), np.float32))
    with pytest.raises(DataError, match="layer 'grid': no activation but zero was seen"):
        freeze_bits(network)

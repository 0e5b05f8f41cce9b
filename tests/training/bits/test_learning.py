from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bits_toy import mixed_network, tiny_network, words
from stopped_training import Stopped, stop_after

from l1ml._optional import require
from l1ml.emulation import IntegerEmulator
from l1ml.errors import ConfigError, DataError
from l1ml.hardware import FixedPoint
from l1ml.model.extraction import extract_network
from l1ml.progress import Checking
from l1ml.training.checkpoint import Checkpoint

pytest.importorskip("qkeras")

from l1ml.training.bits import (
    BitOperations,
    BitsConfig,
    BitsPoint,
    BitsTask,
    ParetoFront,
    count_bit_operations,
    learn_bits,
    learn_within,
    settle,
)

CONFIG = BitsConfig(epochs=12, warm_up=4, batch_size=256, learning_rate=0.02, first_price=1e-6, last_price=3e-3, settle_epochs=3)


def accuracy(targets: np.ndarray, outputs: np.ndarray) -> float:
    return float((outputs.argmax(axis=-1) == targets).mean())


@cache
def task() -> BitsTask:
    """Which of four sums of two words is the largest."""
    inputs = words(4000, np.random.default_rng(1))
    targets = np.stack([inputs[:, i] + inputs[:, i + 1] for i in range(4)]).argmax(axis=0)
    inputs = inputs.astype(np.float32)
    loss = require("keras").losses.SparseCategoricalCrossentropy(from_logits=True)
    return BitsTask(inputs[:3000], targets[:3000], (inputs[3000:], targets[3000:]), loss, accuracy)


@cache
def learned() -> tuple[Any, ParetoFront]:
    require("keras").utils.set_random_seed(7)
    network = mixed_network()
    return network, learn_bits(network, task(), CONFIG)


def test_the_price_buys_smaller_networks() -> None:
    _, front = learned()
    costs, qualities = ([getattr(point, name) for point in front.points] for name in ("bit_operations", "quality"))
    assert costs == sorted(costs)
    assert qualities == sorted(qualities)
    assert max(qualities) > 0.7
    assert min(costs) < 0.8 * max(costs)
    assert len(front.losses) == CONFIG.epochs


def test_a_settled_network_is_exact_and_no_worse() -> None:
    network, front = learned()
    point = front.best_within(np.inf)
    frozen = settle(network, point, task(), CONFIG)
    assert task().quality_of(frozen) >= point.quality - 0.02
    assert count_bit_operations(frozen) <= 1.1 * point.bit_operations
    inputs = words(2000, np.random.default_rng(5))
    emulator = IntegerEmulator(extract_network(frozen, (FixedPoint(8, 8, signed=True),) * 6))
    values = emulator.output_format.from_words(emulator.predict(inputs))
    np.testing.assert_array_equal(values, np.asarray(frozen(inputs.astype(np.float32))))


def test_what_ships_is_within_the_limit() -> None:
    """The least limit that there is a network for; the last epoch of settling is the best one, and has another cost."""
    network, front = learned()
    least, better = front.points[0], (float(n) for n in range(99))
    lucky = replace(task(), quality=lambda _targets, _outputs: next(better))
    config = replace(CONFIG, settle_epochs=4)
    limit = least.bit_operations
    assert front.best_within(limit).epoch == least.epoch
    assert count_bit_operations(settle(network, least, lucky, config, limit=limit)) <= limit
    better = (float(n) for n in range(99))
    assert count_bit_operations(settle(network, least, lucky, config)) != limit


def test_learning_within_a_limit_is_learning_and_settling() -> None:
    front = learned()[1]
    limit = int(np.mean([point.bit_operations for point in front.points]))
    require("keras").utils.set_random_seed(7)
    found = learn_within(mixed_network(), task(), CONFIG, limit)
    assert (found.fit.best_epoch, found.fit.losses["loss"]) == (front.best_within(limit).epoch, front.losses)
    assert found.bit_operations == count_bit_operations(found.network) <= limit


@pytest.mark.parametrize("granularity", ["weight", "channel"])
def test_what_is_pruned_stays_so_while_a_network_settles(granularity: str) -> None:
    """Half of the weights begin just below half a count: they would grow within an epoch, if they could."""

    def n_filled(*, pruned_stay: bool) -> int:
        require("keras").utils.set_random_seed(7)
        network, better = tiny_network(granularity), (float(n) for n in range(99))  # the last epoch is the best one
        network(task().inputs[:8], training=True)
        network.layers[-1].kernel.assign(np.where(np.arange(4) % 2, 2.0**-7 - 1e-4, 1.0) * np.ones((6, 1)))
        lucky = replace(task(), quality=lambda _targets, _outputs: next(better))
        config = replace(CONFIG, settle_epochs=2, pruned_stay=pruned_stay)
        frozen = settle(network, BitsPoint(1, 0.0, 0.0, network.get_weights()), lucky, config)
        return int(np.count_nonzero(frozen.layers[-1].get_weights()[0]))

    assert n_filled(pruned_stay=True) <= 12 < n_filled(pruned_stay=False)


def test_sums_lose_terms_that_are_dear() -> None:
    def excess(**terms: Any) -> float:
        require("keras").utils.set_random_seed(7)
        network = tiny_network()
        config = replace(CONFIG, epochs=6, warm_up=0, learning_rate=0.1, first_price=1e-7, last_price=1e-7, **terms)
        learn_bits(network, task(), config)
        return float(BitOperations(network).excess([8]))

    assert excess(terms=(8,), term_cost=1e5) < 0.7 * excess()


def test_the_same_seed_gives_the_same_networks() -> None:
    def points() -> list[tuple[int, float, float]]:
        require("keras").utils.set_random_seed(7)
        front = learn_bits(tiny_network(), task(), replace(CONFIG, epochs=2, warm_up=0))
        return [(item.epoch, item.quality, item.bit_operations) for item in front.points]

    assert points() == points()


def test_a_training_that_was_stopped_goes_on_to_the_same_front_and_the_same_formats(tmp_path: Path) -> None:
    config = replace(CONFIG, epochs=4, warm_up=1, settle_epochs=3)
    learning, settling = (Checkpoint(tmp_path / f"{name}.npz", "k") for name in ("learning", "settling"))

    def begin() -> Any:
        require("keras").utils.set_random_seed(7)
        return tiny_network()

    def settled(network: Any, front: ParetoFront, **options: Any) -> bytes:
        frozen = settle(network, front.best_within(np.inf), task(), config, **options)
        return b"".join(weight.tobytes() for weight in frozen.get_weights())

    network = begin()
    whole = learn_bits(network, task(), config)
    with pytest.raises(Stopped):
        learn_bits(begin(), task(), config, progress=stop_after(1), checkpoint=learning)
    again = begin()
    front = learn_bits(again, task(), config, checkpoint=learning)
    for found, expected in zip((*front.arrays(), *again.get_weights()), (*whole.arrays(), *network.get_weights()), strict=True):
        np.testing.assert_array_equal(found, expected)
    # a process that was killed later finds the same front at once
    third = begin()
    assert [item.epoch for item in learn_bits(third, task(), config, checkpoint=learning).points] == [
        item.epoch for item in whole.points
    ]
    with pytest.raises(Stopped):
        settled(third, front, progress=stop_after(1), checkpoint=settling)
    assert settled(again, front, checkpoint=settling) == settled(network, whole)


def test_a_loss_that_is_no_number_leaves_the_last_good_weights() -> None:
    network = tiny_network()
    bad = replace(task(), loss=lambda _targets, outputs: require("keras").ops.sum(outputs, axis=-1) * np.nan)
    with pytest.raises(DataError, match="the loss is nan in epoch 1; the network has the weights of epoch 0"):
        learn_bits(network, bad, CONFIG)
    assert all(np.isfinite(np.asarray(weight)).all() for weight in network.weights)


def test_samples_that_nothing_can_be_learned_from_are_refused() -> None:
    with pytest.raises(DataError, match="the training sample has 2 crossings with 12 numbers that are NaN"):
        replace(task(), inputs=np.full((2, 6), np.nan, np.float32))
    with pytest.raises(DataError, match="the validation sample has 0 crossings"):
        replace(task(), validation=(np.zeros((0, 6), np.float32), np.zeros(0)))


def test_only_what_nothing_beats_is_kept() -> None:
    front = ParetoFront()
    for epoch, (quality, cost) in enumerate([(0.5, 100), (0.6, 100), (0.4, 90), (0.3, 95), (0.6, 120), (0.7, 80)]):
        front.offer(BitsPoint(epoch, quality, cost, []))
    assert [(item.quality, item.bit_operations) for item in front.points] == [(0.7, 80)]
    front.offer(BitsPoint(9, 0.8, 200, []))
    assert front.best_within(100).quality == 0.7
    with pytest.raises(DataError, match="no network within 70 effective bit operations; the smallest has 80"):
        front.best_within(70)


def test_a_price_that_holds_after_its_ramp() -> None:
    config = BitsConfig(epochs=11, warm_up=2, first_price=1e-6, last_price=1e-4, ramp=0.5)
    prices = [config.price(epoch) for epoch in range(11)]
    assert prices[:3] == [1e-6] * 3
    np.testing.assert_allclose(prices[4], 1e-5)
    np.testing.assert_allclose(prices[6:], 1e-4)


def test_an_annealed_training_comes_to_rest() -> None:
    """With a rate that has fallen to zero the last step moves nothing any more; with one that stays it does."""

    def last_step(*, annealed: bool) -> float:
        require("keras").utils.set_random_seed(7)
        network, kernels = tiny_network(), list[np.ndarray]()
        listener = Checking(lambda: kernels.append(network.layers[-1].get_weights()[0]))
        learn_bits(network, task(), replace(CONFIG, epochs=6, warm_up=1, annealed=annealed), progress=listener)
        return float(np.abs(kernels[-1] - kernels[-2]).mean())

    assert last_step(annealed=True) < 0.5 * last_step(annealed=False)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"last_price": 0.0}, "prices must rise"),
        ({"warm_up": 200}, "warm_up must be"),
        ({"ramp": 0.0}, "ramp must be in"),
    ],
)
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        replace(BitsConfig(), **wrong)

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from network_strategy import networks

from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import STIMULI, random_words
from l1ml.emulation.verification import VerificationConfig, verify
from l1ml.errors import BitMismatchError, ConfigError
from l1ml.hardware import FixedPoint
from l1ml.model.network import Network
from l1ml.model.operations import Dense

CONFIG = VerificationConfig(n_random=500, seed=3)


class Faulty:
    """An emulator with one wrong word."""

    name = "faulty"

    def __init__(self, emulator: IntegerEmulator, row: int) -> None:
        self._emulator, self._row, self._n = emulator, row, 0
        self.input_formats, self.output_format = emulator.input_formats, emulator.output_format

    def predict(self, words: np.ndarray) -> np.ndarray:
        scores = self._emulator.predict(words)
        if self._n <= self._row < self._n + len(words):
            scores[self._row - self._n] += 1
        self._n += len(words)
        return scores


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks(), st.integers(0, 599))
def test_one_wrong_word_is_found_wherever_it_is(network: Network, row: int) -> None:
    emulator = IntegerEmulator(network)
    physics = random_words(network.input_formats, 100, np.random.default_rng(1))
    verification = verify([emulator, IntegerEmulator(network), Faulty(emulator, row)], [physics], CONFIG)
    assert [pair.n_mismatched for pair in verification.pairs] == [0, 1, 1]
    assert all(pair.n_words == 600 for pair in verification.pairs)
    with pytest.raises(BitMismatchError, match=f"first at crossing {row}: "):
        verification.require_exact()
    assert verification.first is not None
    assert (verification.first.crossing, len(verification.first.inputs)) == (row, len(network.input_formats))


def one(kernel: int) -> IntegerEmulator:
    return IntegerEmulator(Network((FixedPoint(8, 8),), (Dense(np.array([[kernel]]), 0, np.zeros(1, np.int64), 0),)))


def test_the_counts_are_those_of_the_words_compared() -> None:
    content = verify([one(3), one(3)], [np.zeros((20, 1), np.int32)], CONFIG).to_dict()
    assert [(pair["n_physics"], pair["n_random"], pair["n_words"]) for pair in content["pairs"]] == [(20, 500, 520)]
    assert content["n_distinct_scores"] > 100


def test_one_emulator_is_no_comparison() -> None:
    with pytest.raises(ConfigError, match="at least two emulators"):
        verify([one(1)], [], CONFIG)
    with pytest.raises(ConfigError, match="n_random must be at least 1"):
        VerificationConfig(n_random=0)


def test_a_clocked_simulation_stops_when_its_time_is_spent_but_sees_every_kind() -> None:
    network = Network((FixedPoint(8, 8),), (Dense(np.array([[3]]), 0, np.zeros(1, np.int64), 0),))
    config = VerificationConfig(n_random=500_000, budget_s=0.0)
    physics = [np.zeros((10, 1), np.int32)] * 3
    verification = verify(
        [IntegerEmulator(network, name=name) for name in ("integers", "again", "rtl_simulation")], physics, config
    )
    verification.require_exact()
    assert [(item.n_physics, item.n_random) for item in verification.emulators] == [(30, 500_000)] * 2 + [(30, 9 * 32768)]
    assert [pair["n_random"] for pair in verification.to_dict()["pairs"]] == [500_000, 9 * 32768, 9 * 32768]
    assert [pair.n_words for pair in verification.pairs] == [500_030, 9 * 32768 + 30, 9 * 32768 + 30]
    assert set(verification.stimuli) == {"physics", *STIMULI}


def test_memory_does_not_grow_with_the_crossings() -> None:
    network = Network((FixedPoint(8, 8),) * 20, (Dense(np.ones((20, 1), np.int64), 0, np.zeros(1, np.int64), 0),))
    peaks = []
    for n_random in (200_000, 800_000):
        tracemalloc.start()
        verify([IntegerEmulator(network), IntegerEmulator(network)], [], VerificationConfig(n_random=n_random))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]

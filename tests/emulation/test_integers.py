from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from random_networks import random_network

from l1ml.emulation import Emulator, IntegerEmulator
from l1ml.emulation.stimuli import extreme_words, random_words
from l1ml.errors import ConfigError, DataError
from l1ml.model import TriggerModel

AXO = Path(__file__).parents[2] / "models" / "axo"


@pytest.fixture(scope="module")
def emulator() -> IntegerEmulator:
    return IntegerEmulator(TriggerModel.load(AXO).network)


def test_it_is_an_emulator(emulator: IntegerEmulator) -> None:
    assert isinstance(emulator, Emulator)
    assert {proof.carrier for proof in emulator.proofs} == {"float32"}


def test_batches_do_not_change_words(emulator: IntegerEmulator, rng: np.random.Generator) -> None:
    words = random_words(emulator.input_formats, 20000, rng)
    np.testing.assert_array_equal(emulator.predict(words)[8000:8100], emulator.predict(words[8000:8100]))


@pytest.mark.parametrize("value", [4096, -1])
def test_a_word_no_link_could_carry_is_refused(emulator: IntegerEmulator, value: int) -> None:
    words = np.zeros((3, 57), np.int32)
    words[1, 0] = value
    with pytest.raises(DataError, match=f"input 0 of crossing 1 is {value}"):
        emulator.predict(words)


@pytest.mark.parametrize("words", [np.zeros((3, 56), np.int32), np.zeros(57, np.int32), np.zeros((3, 57))])
def test_wrong_shapes_and_floats_are_refused(emulator: IntegerEmulator, words: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"expected integer words of shape \(n, 57\)"):
        emulator.predict(words)


def test_stimuli_reach_both_ends_of_every_input(emulator: IntegerEmulator, rng: np.random.Generator) -> None:
    formats = emulator.input_formats
    words = random_words(formats, 2000, rng)
    assert words.min(axis=0).tolist() == [item.min_word for item in formats]
    assert words.max(axis=0).tolist() == [item.max_word for item in formats]
    np.testing.assert_array_equal(words[: len(extreme_words(formats))], extreme_words(formats))
    assert (extreme_words(formats)[0] == 0).all()


def test_threads_do_not_change_words(emulator: IntegerEmulator, rng: np.random.Generator) -> None:
    words = random_words(emulator.input_formats, 20001, rng)
    network = TriggerModel.load(AXO).network
    np.testing.assert_array_equal(IntegerEmulator(network, threads=3).predict(words), emulator.predict(words))


def test_checked_words_may_be_laid_out_chunk_by_chunk(emulator: IntegerEmulator, rng: np.random.Generator) -> None:
    words = random_words(emulator.input_formats, 20001, rng)
    asked = []

    def words_of(rows: slice, kind: str) -> np.ndarray:
        asked.append((rows.stop, kind))
        return words[rows].astype(kind)

    np.testing.assert_array_equal(emulator.predict_checked(20001, words_of), emulator.predict(words))
    assert {kind for _, kind in asked} == {"float32"}
    assert asked[-1][0] == 20001
    assert emulator.predict_checked(0, words_of).shape == (0,)


@pytest.mark.parametrize("seed", range(24))
def test_words_may_lie_column_by_column(seed: int) -> None:
    rng = np.random.default_rng(seed)
    emulator = IntegerEmulator(random_network(rng, 20))
    words = random_words(emulator.input_formats, 700, rng)
    found = [
        emulator.predict_checked(700, lambda rows, kind, order=order: words[rows].astype(kind, order=order)) for order in "CF"
    ]
    for scores in found:
        np.testing.assert_array_equal(scores, emulator.predict(words))


def test_a_bad_word_in_a_late_chunk_is_named_by_its_crossing(emulator: IntegerEmulator) -> None:
    words = np.zeros((20000, 57), np.int32)
    words[19001, 3] = 5000
    for threads in (1, 2):
        with pytest.raises(DataError, match="input 3 of crossing 19001 is 5000"):
            IntegerEmulator(TriggerModel.load(AXO).network, threads).predict(words)


def test_no_thread_is_refused() -> None:
    with pytest.raises(ConfigError, match="threads must be at least 1, received 0"):
        IntegerEmulator(TriggerModel.load(AXO).network, 0)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint16, np.int64, np.uint64])
def test_words_of_any_integer_type(emulator: IntegerEmulator, kind: type, rng: np.random.Generator) -> None:
    words = np.minimum(np.abs(random_words(emulator.input_formats, 100, rng)), 100)
    np.testing.assert_array_equal(emulator.predict(words.astype(kind)), emulator.predict(words))


def test_words_that_do_not_lie_side_by_side(emulator: IntegerEmulator, rng: np.random.Generator) -> None:
    words = random_words(emulator.input_formats, 3000, rng)
    np.testing.assert_array_equal(emulator.predict(words[::3]), emulator.predict(words)[::3])
    np.testing.assert_array_equal(emulator.predict(np.asfortranarray(words)), emulator.predict(words))

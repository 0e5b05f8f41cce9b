from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml._optional import require
from l1ml.emulation import IntegerEmulator
from l1ml.errors import ConfigError, ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.builder import NetworkBuilder
from l1ml.model.channel_tables import add_channel_tables
from l1ml.model.extraction import extract_network
from l1ml.model.operations import Scale

pytest.importorskip("qkeras")

from l1ml.model.channel_table import ChannelTable

ENTRY = st.integers(-9, 9).map(lambda word: word / 4)


def network_of(activation: ChannelTable, n_words: int, fractional: int = 0) -> IntegerEmulator:
    builder = NetworkBuilder([FixedPoint(6, 6, signed=True)] * n_words)
    source = builder.add("scale", Scale(np.full(n_words, fractional)), 0) if fractional else 0
    add_channel_tables(builder, "tables", activation, source)
    return IntegerEmulator(builder.build())


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9).flatmap(lambda n: st.lists(st.lists(ENTRY, min_size=n, max_size=n), min_size=1, max_size=4)))
def test_every_word_finds_its_entry_or_the_nearest_end(tables: list[list[float]]) -> None:
    activation, positions = ChannelTable(tables), 2
    words = np.random.default_rng(1).integers(-32, 32, (200, positions * len(tables)))
    emulator = network_of(activation, words.shape[1])
    found = emulator.output_format.from_words(emulator.predict(words)).reshape(words.shape)
    channel = np.arange(words.shape[1]) % len(tables)
    np.testing.assert_array_equal(found, np.asarray(tables)[channel, np.clip(words, 0, len(tables[0]) - 1)])
    tensor = words.reshape(-1, positions, len(tables)).astype(np.float32)
    np.testing.assert_array_equal(np.asarray(activation(tensor)).reshape(words.shape), found)


@pytest.mark.filterwarnings("ignore:.*object was created by an older:UserWarning")
def test_a_model_with_tables_is_read_and_loaded(tmp_path: Path) -> None:
    keras, qkeras = require("keras"), require("qkeras")
    inputs = keras.Input((2,))
    outputs = qkeras.QActivation(ChannelTable([[0.0, 1.0, 4.0], [0.5, 0.25, 0.0]]), name="tables")(inputs)
    keras.Model(inputs, outputs).save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras", compile=False)
    words = np.array([[0, 0], [1, 1], [2, 2], [3, 1]])
    expected = np.asarray(loaded(words.astype(np.float32)))
    np.testing.assert_array_equal(expected, [[0, 0.5], [1, 0.25], [4, 0], [4, 0.25]])
    emulator = IntegerEmulator(extract_network(loaded, [FixedPoint(3, 3, signed=False)] * 2))
    np.testing.assert_array_equal(emulator.output_format.from_words(emulator.predict(words)), expected)


@pytest.mark.parametrize("tables", [[], [[]], [[0.0], [0.0, 1.0]], [[float("nan")]], [[0.1]]])
def test_tables_that_cannot_be_meant_are_refused(tables: list[list[float]]) -> None:
    with pytest.raises(ConfigError, match="table"):
        ChannelTable(tables)


def test_words_between_whole_numbers_are_refused() -> None:
    with pytest.raises(ConversionError, match=r"bits behind the point.*Rescaling"):
        network_of(ChannelTable([[0.0, 1.0]]), 1, fractional=1)
    with pytest.raises(ConversionError, match="2 tables on 3 words"):
        network_of(ChannelTable([[0.0, 1.0], [1.0, 0.0]]), 3)

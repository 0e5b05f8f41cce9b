from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml._optional import require
from l1ml.emulation import IntegerEmulator
from l1ml.errors import ConfigError, ConversionError
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.builder import NetworkBuilder
from l1ml.model.channel_formats import add_channel_formats
from l1ml.model.extraction import extract_network

pytest.importorskip("qkeras")

from l1ml.model.channel_quantiser import ROUNDINGS, ChannelQuantiser

BITS = st.tuples(st.integers(-3, 6), st.integers(-6, 6))


def network_of(quantiser: ChannelQuantiser, n_words: int) -> IntegerEmulator:
    builder = NetworkBuilder([FixedPoint(10, 10, signed=True)] * n_words)
    add_channel_formats(builder, "formats", quantiser, 0)
    return IntegerEmulator(builder.build())


def expected(quantiser: ChannelQuantiser, words: np.ndarray) -> np.ndarray:
    """Every column by the number format itself."""
    values = np.zeros(words.shape)
    for column in range(words.shape[1]):
        channel = column % len(quantiser.integer)
        i, f = quantiser.integer[channel], quantiser.fractional[channel]
        if i + f > 0:
            rounding = {"even": Rounding.RND_CONV, "down": Rounding.TRN}[quantiser.rounding]
            format_ = FixedPoint.from_kif(int(quantiser.signed), i, f, rounding, Overflow.SAT)
            values[:, column] = format_.quantize(words[:, column].astype(np.float64))
    return values


@settings(max_examples=40, deadline=None)
@given(st.lists(BITS, min_size=1, max_size=5), st.booleans(), st.sampled_from(ROUNDINGS), st.integers(1, 3))
def test_every_word_is_what_its_own_format_makes_of_it(
    formats: list[tuple[int, int]], signed: bool, rounding: str, positions: int
) -> None:
    quantiser = ChannelQuantiser(signed, [i for i, _ in formats], [f for _, f in formats], rounding)
    words = np.random.default_rng(1).integers(-512, 512, (200, positions * len(formats)))
    emulator = network_of(quantiser, words.shape[1])
    found = emulator.output_format.from_words(emulator.predict(words)).reshape(words.shape)
    np.testing.assert_array_equal(found, expected(quantiser, words))
    tensor = words.reshape(-1, positions, len(formats)).astype(np.float32)
    np.testing.assert_array_equal(np.asarray(quantiser(tensor)).reshape(words.shape), found)


def test_one_format_for_all_is_one_operation() -> None:
    builder = NetworkBuilder([FixedPoint(10, 10, signed=True)] * 4)
    add_channel_formats(builder, "formats", ChannelQuantiser(True, [3], [2]), 0)
    assert [type(node.operation).__name__ for node in builder.build().nodes] == ["Quantise"]


@pytest.mark.filterwarnings("ignore:.*object was created by an older:UserWarning")
def test_a_model_with_formats_per_channel_is_read_and_loaded(tmp_path: Path) -> None:
    keras, qkeras = require("keras"), require("qkeras")
    inputs = keras.Input((3,))
    outputs = qkeras.QActivation(ChannelQuantiser(False, [4, 2, 0], [1, 3, 0], "down"), name="formats")(inputs)
    model = keras.Model(inputs, outputs)
    model.save(tmp_path / "m.keras")
    words = np.random.default_rng(2).integers(-32, 32, (500, 3))
    emulator = IntegerEmulator(extract_network(model, [FixedPoint(6, 6, signed=True)] * 3))
    values = emulator.output_format.from_words(emulator.predict(words))
    loaded = keras.models.load_model(tmp_path / "m.keras", compile=False)
    for item in (model, loaded):
        np.testing.assert_array_equal(np.asarray(item(words.astype(np.float32))), values)


def test_formats_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ConfigError, match="2 integer and 1 fractional bits"):
        ChannelQuantiser(True, [1, 2], [3])
    with pytest.raises(ConfigError, match="a channel of 24 bits"):
        ChannelQuantiser(True, [12], [12])
    with pytest.raises(ConfigError, match="rounding 'dwn' is not known"):
        ChannelQuantiser(True, [1], [1], "dwn")
    with pytest.raises(ConversionError, match="a quantiser of 2 channels on 3 words"):
        network_of(ChannelQuantiser(True, [1, 2], [3, 4]), 3)

"""Public Keras 2 models: what they give on real jets, what of them is exact today, and where the others stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from network_words import all_words
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError, DataError
from l1ml.hardware import FixedPoint
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.folding import fold_normalisation
from l1ml.model.foreign import read_keras2_model
from l1ml.model.output_layer import replace_softmax

keras = require("keras")

CORRECT = {
    "QMLP_nconst_8": 1221,
    "QMLP_nconst_16": 1234,
    "QMLP_nconst_32": 1116,
    "QDeepSets_PermutationInv_nconst_32": 1514,
}
"""Of 2000 jets. 61, 62 and 56 % is also what the README beside the MLPs found with numpy."""


def jet_model(folder: Path, name: str) -> tuple[Any, NDArray[np.float32], Path]:
    """The model, the jets in the shape that it reads, and its file."""
    path = folder / "l1-jetid-constituents" / "models" / f"model_{name}_nbits_8.h5"
    n = name.rsplit("_", maxsplit=1)[-1]
    jets = np.load(folder / "l1-jetid-constituents" / f"x_test_{n}const_0000_1999.npy")
    model = read_keras2_model(path)
    return model, jets.reshape((-1, *model.input_shape[1:])), path


@pytest.mark.parametrize("name", CORRECT)
def test_jets_are_told_apart_as_well_as_expected(name: str, real_data: Path) -> None:
    model, jets, _ = jet_model(real_data, name)
    truth = np.load(real_data / "l1-jetid-constituents" / "y_test_8const_0000_1999.npy").argmax(axis=1)
    assert int((model.predict(jets, verbose=0).argmax(axis=1) == truth).sum()) == CORRECT[name]


def fixed(values: Any, fractional: int, low: int, high: int) -> NDArray[np.float64]:
    """Halves to even on a grid of `fractional` bits, clipped to the counts `low` to `high`."""
    scaled = np.rint(np.asarray(values, np.float64) * 2.0**fractional)
    return np.clip(scaled, low, high) * 2.0**-fractional


def by_hand(path: Path, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logits of a QMLP behind its normalisation: quantized_bits(8, 0) weights, quantized_relu(8, 0), from the raw file."""
    with h5py.File(path) as file:
        weights = file["model_weights"]
        for name in ("hidden1", "hidden2", "hidden3", "denseout"):
            kernel, bias = (fixed(weights[f"{name}/{name}/{key}:0"], 7, -128, 127) for key in ("kernel", "bias"))
            values = values @ kernel + bias
            if name != "denseout":
                values = fixed(values, 8, 0, 255)
    return values


SLOWER = [pytest.param(f"QMLP_nconst_{n}", marks=pytest.mark.slow) for n in (16, 32)]


@pytest.mark.parametrize("name", ["QMLP_nconst_8", *SLOWER])
def test_an_independent_evaluation_gives_the_same_words(name: str, real_data: Path) -> None:
    """Jets normalised in float and put on ap_fixed<16,6>; then every logit is equal, in Keras, numpy and the integer network."""
    model, jets, path = jet_model(real_data, name)
    norm = model.get_layer("batchnorm")
    format_ = FixedPoint.parse("ap_fixed<16,6,AP_RND_CONV,AP_SAT>")
    words = format_.to_words(np.asarray(norm(jets), np.float64)).astype(np.int32)
    expected = by_hand(path, words * 2.0**-format_.fractional)
    rest = keras.Model(norm.output, model.get_layer("denseout").output)
    np.testing.assert_array_equal(rest.predict((words * 2.0**-format_.fractional).astype(np.float32), verbose=0), expected)
    freeze(rest)
    inputs = keras.Input((words.shape[1],))
    tensor = keras.layers.Rescaling(2.0**-format_.fractional)(inputs)
    for layer in rest.layers[1:]:
        tensor = type(layer).from_config(layer.get_config())(tensor)
    whole = keras.Model(inputs, tensor)
    for layer in whole.layers[2:]:
        layer.set_weights(rest.get_layer(layer.name).get_weights())
    network = extract_network(whole, [FixedPoint(16, 16)] * words.shape[1])
    found = all_words(network, words)
    np.testing.assert_array_equal(network.output_format.from_words(found), expected)
    assert (expected.argmax(axis=1) == model.predict(jets, verbose=0).argmax(axis=1)).mean() > 0.98


def test_the_three_layer_qkeras_model_is_exact(real_data: Path, rng: np.random.Generator) -> None:
    folder = real_data / "hls4ml-example-models"
    model = read_keras2_model(folder / "qkeras_3layer.json", folder / "qkeras_3layer_weights.h5")
    freeze(model)
    model = replace_softmax(model, "argmax")
    formats = [FixedPoint(8, 8)] * 16
    words = random_words(formats, 2000, rng)
    found = IntegerEmulator(extract_network(model, formats)).predict(words)
    np.testing.assert_array_equal(found, model.predict(words.astype(np.float32), verbose=0)[:, 0])
    assert len(np.unique(found)) == 5


@pytest.mark.parametrize("name", CORRECT)
def test_a_normalisation_of_the_input_stops_the_conversion(name: str, real_data: Path) -> None:
    model, jets, _ = jet_model(real_data, name)
    freeze(model)
    kind = type(model.get_layer("batchnorm")).__name__
    with pytest.raises(ConversionError, match=f"layer 'batchnorm': {kind} can only be folded into one of QDense"):
        fold_normalisation(model)
    with pytest.raises(ConversionError, match=f"layer 'batchnorm': {kind} has no exact fixed-point form"):
        extract_network(replace_softmax(model, "logits"), [FixedPoint(8, 8)] * int(np.prod(jets.shape[1:])))


def test_what_is_not_quantised_or_of_another_kind_is_refused_by_name(real_data: Path) -> None:
    folder = real_data / "hls4ml-example-models"
    for weights in ("KERAS_3layer_weights.h5", "KERAS_3layer_70pruned_retrained_weights.h5"):
        model = read_keras2_model(folder / "KERAS_3layer.json", folder / weights)
        with pytest.raises(ConversionError, match="layer 'fc1_relu': Dense has no exact fixed-point form; use QDense"):
            extract_network(model, [FixedPoint(8, 8)] * 16)
    with pytest.raises(DataError, match="weights of the layers fc1, fc2, fc3, output, which the model does not have"):
        read_keras2_model(folder / "KERAS_3layer.json", folder / "qkeras_3layer_weights.h5")
    with pytest.raises(ConversionError, match="layer 'inp_q_quantizer': FixedPointQuantizer of a Keras 2 file is not read; HGQ"):
        read_keras2_model(folder / "hgq_jet_classifier.h5")
    with pytest.raises(ConversionError, match=r"a \.keras file of Keras 3; open it with keras\.models\.load_model"):
        read_keras2_model(folder / "qkeras-v3_3layer.keras")

"""Public QONNX models, from folders of the reader's own: $L1ML_QONNX holds what fastmachinelearning/qonnx_model_zoo has.

The models carry licences of their own or none, so that none is kept here.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from network_words import all_words

from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.foreign import read_keras2_model, read_qonnx
from l1ml.model.output_layer import replace_softmax

pytest.importorskip("onnx", reason="the extra onnx is not installed")


@pytest.fixture
def zoo() -> Path:
    """Clone of the model zoo."""
    folder = os.environ.get("L1ML_QONNX")
    if not folder or not Path(folder).is_dir():
        pytest.skip("no public QONNX models; set L1ML_QONNX to a clone of fastmachinelearning/qonnx_model_zoo")
    return Path(folder)


def one(zoo: Path, name: str) -> Path:
    found = sorted(zoo.rglob(name))
    if not found:
        pytest.skip(f"{name} is not below {zoo.name}")
    return found[0]


def test_the_jet_tagger_of_qkeras_is_the_one_of_its_keras_file(zoo: Path, real_data: Path, rng: np.random.Generator) -> None:
    """The same network was published as QONNX and as Keras 2: both readers must come to the same words."""
    path = one(zoo, "qkeras_jettagging.onnx")
    network = read_qonnx(path, FixedPoint(8, 8), output="logits")
    words = random_words(network.input_formats, 300, rng)
    folder = real_data / "hls4ml-example-models"
    model = read_keras2_model(folder / "qkeras_3layer.json", folder / "qkeras_3layer_weights.h5")
    freeze(model)
    keras = extract_network(replace_softmax(model, "logits"), network.input_formats)
    np.testing.assert_array_equal(all_words(network, words), all_words(keras, words))
    assert network.digest == keras.digest


def test_scales_that_are_no_powers_of_two_are_refused_by_name(zoo: Path) -> None:
    for name in ("kwsmlp_w3a3.onnx", "unsw_nb15-mlp-w2a2.onnx"):
        with pytest.raises(ConversionError, match=r"Quant with a scale of .* use powers of two \(Brevitas"):
            read_qonnx(one(zoo, name), FixedPoint(8, 4))


def test_shapes_that_are_computed_are_refused(zoo: Path) -> None:
    with pytest.raises(ConversionError, match=r"Shape of a QONNX graph is not read; use qonnx-cleanup"):
        read_qonnx(one(zoo, "TFC_2W2A.onnx"), FixedPoint(8, 0, False))

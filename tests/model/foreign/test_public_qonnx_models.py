"""Public QONNX models, from folders of the reader's own: $L1ML_QONNX holds what fastmachinelearning/qonnx_model_zoo has.

The models carry licences of their own or none, so that none is kept here.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from network_words import all_words
from qonnx_toy import DOMAIN, computed

from l1ml.emulation.stimuli import random_words
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


@pytest.mark.parametrize(
    ("name", "input_format"),
    [
        ("kwsmlp_w3a3.onnx", FixedPoint(8, 8)),
        ("TFC_1W1A.onnx", FixedPoint(8, 0, False)),
        ("TFC_1W2A.onnx", FixedPoint(8, 0, False)),
        ("TFC_2W2A.onnx", FixedPoint(8, 0, False)),
        ("unsw_nb15-mlp-w2a2.onnx", FixedPoint(1, 1, False)),
    ],
)
def test_networks_of_brevitas_with_float_scales_and_normalisations(
    name: str, input_format: FixedPoint, zoo: Path, tmp_path: Path, rng: np.random.Generator
) -> None:
    path = one(zoo, name)
    network = read_qonnx(path, input_format, output="argmax" if "unsw" not in name else "graph")
    words = random_words(network.input_formats, 200, rng)
    values = computed(for_evaluation(path, tmp_path), words * 2.0**-input_format.fractional).reshape(len(words), -1)
    found = all_words(network, words)[:, 0]
    np.testing.assert_array_equal(found, values.argmax(axis=1) if values.shape[1] > 1 else values[:, 0])


def for_evaluation(path: Path, folder: Path) -> Path:
    """The graph as onnx's evaluator takes it: below opset 14 it normalises as if it trained, from 13 on axes are an input."""
    import onnx

    model = onnx.load(path)
    for opset in model.opset_import:
        opset.version = 15 if opset.domain in {"", "ai.onnx"} else opset.version
    for index, node in enumerate(model.graph.node):
        if node.op_type in {"Quant", "BipolarQuant"}:
            node.domain = DOMAIN
        elif node.op_type == "Unsqueeze":
            name = f"axes_{index}"
            model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(node.attribute[0].ints, np.int64), name))
            node.input.append(name)
            del node.attribute[:]
    model.opset_import.append(onnx.helper.make_opsetid(DOMAIN, 1))
    (folder / path.name).write_bytes(model.SerializeToString())
    return folder / path.name

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from keras2_toy import BIAS, WEIGHTS, dense, functional, inputs, layer, toy, write_keras2

from l1ml.conversion import ConversionConfig, hls_project, rtl_project
from l1ml.conversion.source import load_exact
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError, ConversionError, DataError
from l1ml.hardware import FixedPoint
from l1ml.model import TriggerModel
from l1ml.model.foreign import read_keras2_model
from l1ml.workflow.foreign_model import ForeignModel, import_model

LINK = FixedPoint(7, 4)


def classifier(folder: Path) -> Path:
    """The toy with a softmax behind it."""
    rows = toy()["config"]["layers"]
    softmax = layer("Activation", "softmax", ["relu"], activation="softmax")
    return write_keras2(folder / "jets.h5", functional(*rows, softmax, output="softmax"))


def test_a_model_folder_is_what_the_file_computes(tmp_path: Path) -> None:
    path = classifier(tmp_path)
    import_model(ForeignModel(path, LINK, output="argmax", features=("pt", "eta")), tmp_path / "jets", "jets")
    model = TriggerModel.load(tmp_path / "jets")
    assert model.features == ("pt", "eta")
    assert model.input_formats == (FixedPoint(7, 7),) * 2
    assert load_exact(model).digest == model.network.digest
    probabilities = read_keras2_model(path).predict((model.golden.inputs / 8).astype(np.float32), verbose=0)
    np.testing.assert_array_equal(model.golden.scores, probabilities.argmax(axis=1))
    assert (tmp_path / "jets" / "model.toml").read_text() == '[model]\nname = "jets"\ndescription = "Imported from jets.h5."\n'


def test_files_of_keras_3_come_in_the_same_way(tmp_path: Path) -> None:
    path = classifier(tmp_path)
    first = import_model(ForeignModel(path, LINK, output="argmax"), tmp_path / "a", "jets")
    read_keras2_model(path).save(tmp_path / "jets.keras")
    second = import_model(ForeignModel(tmp_path / "jets.keras", LINK, output="argmax"), tmp_path / "b", "jets")
    assert first.digest == second.digest
    (tmp_path / "jets.keras").write_bytes((tmp_path / "jets.keras").read_bytes()[:300])
    with pytest.raises(DataError, match=r"not a \.keras file of QKeras layers"):
        import_model(ForeignModel(tmp_path / "jets.keras", LINK), tmp_path / "c", "jets")


def test_a_normalisation_at_the_input_can_be_left_to_others(tmp_path: Path) -> None:
    norm = layer("BatchNormalization", "norm", ["inp"], axis=[1], epsilon=0.001, center=True, scale=True, momentum=0.9)
    ones = {key: np.array([1.0, 0.3], np.float32) for key in ("gamma", "beta", "moving_mean", "moving_variance")}
    one = dense(source="norm", units=1)
    weights = {**WEIGHTS, "norm": ones, "fc": {"kernel": WEIGHTS["fc"]["kernel"][:, :1], "bias": BIAS[:1]}}
    path = write_keras2(tmp_path / "a.h5", functional(inputs(), norm, one, output="fc"), weights)
    with pytest.raises(ConversionError, match=r"layer 'norm': .* can be left to what feeds the link, with --after and its name"):
        import_model(ForeignModel(path, LINK), tmp_path / "a", "a")
    model = import_model(ForeignModel(path, LINK, after="norm"), tmp_path / "a", "a")
    expected = model.golden.inputs / 8 @ np.array([1.25, -1.0]) + 0.5
    np.testing.assert_array_equal(model.output_format.from_words(model.golden.scores), expected)


def test_what_cannot_be_meant_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = classifier(tmp_path)
    folder = tmp_path / "jets"
    with pytest.raises(ConfigError, match="does not say what the words on the link are; give --input-format"):
        import_model(ForeignModel(path), folder, "jets")
    with pytest.raises(ConversionError, match=r"gives 3 words, a score is one: .* --output argmax"):
        import_model(ForeignModel(path, LINK, output="logits"), folder, "jets")
    with pytest.raises(ConfigError, match="reads 2 words, 1 names were given"):
        import_model(ForeignModel(path, LINK, output="argmax", features=("pt",)), folder, "jets")
    with pytest.raises(ConfigError, match="small letters"):
        import_model(ForeignModel(path, LINK), folder, "Jets")
    with pytest.raises(DataError, match=r"cannot read .*none\.h5"):
        import_model(ForeignModel(tmp_path / "none.h5"), folder, "jets")
    with pytest.raises(DataError, match=r"cannot read .*none\.h5"):
        import_model(ForeignModel(path, weights=tmp_path / "none.h5"), folder, "jets")
    assert not folder.exists()


def test_a_model_that_is_there_is_replaced_only_when_asked(tmp_path: Path) -> None:
    source, folder = ForeignModel(classifier(tmp_path), LINK, output="argmax"), tmp_path / "jets"
    import_model(source, folder, "jets")
    with pytest.raises(DataError, match="holds a model already"):
        import_model(source, folder, "jets")
    with pytest.raises(ConfigError, match="is of the model 'jets', not 'other'"):
        import_model(source, folder, "other", force=True)
    import_model(source, folder, "jets", force=True)


def test_a_qonnx_graph_becomes_a_model_folder(tmp_path: Path, rng: np.random.Generator) -> None:
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    from qonnx_toy import Toy, computed

    graph = Toy()
    kernel, bias = graph.weights(rng.normal(0, 1, (3, 4)), 1 / 8, 5), graph.weights(rng.normal(0, 1, 4), 1 / 4, 5)
    hidden = graph.quant(graph.node("Relu", graph.node("Add", graph.node("MatMul", "x", kernel), bias)), 1 / 4, 5, signed=0)
    output = graph.node("MatMul", hidden, graph.weights(rng.normal(0, 1, (4, 1)), 1 / 8, 5))
    path = graph.write(tmp_path / "a.onnx", output, 1)
    model = import_model(ForeignModel(path, LINK), tmp_path / "a", "a")
    expected = computed(path, model.golden.inputs / 8)[:, 0]
    np.testing.assert_array_equal(model.output_format.from_words(model.golden.scores), expected)
    again = TriggerModel.load(tmp_path / "a")
    np.testing.assert_array_equal(IntegerEmulator(load_exact(again)).predict(again.golden.inputs), again.golden.scores)
    with pytest.raises(ConfigError, match="leave --weights and --after out"):
        import_model(ForeignModel(path, LINK, after="x"), tmp_path / "b", "b")


def image_graph(path: Path, rng: np.random.Generator) -> Path:
    """A convolution with float scales, a normalisation, pooling and a dense layer on images of one channel."""
    from qonnx_toy import Toy

    graph = Toy(shape=(1, 1, 5, 4))
    kernel = graph.weights(rng.normal(0, 0.7, (3, 1, 2, 2)), rng.uniform(0.1, 0.3, (3, 1, 1, 1)), 3)
    hidden = graph.node("Conv", "x", kernel, pads=[1, 1, 0, 0])
    norm = [graph.constant(item) for item in ([0.7, -1.1, 0.9], [0.1, 0.3, -0.2], [0.5, -1.5, 0.2], [1.7, 3.1, 0.6])]
    hidden = graph.node("Relu", graph.node("BatchNormalization", hidden, *norm))
    pooled = graph.node("MaxPool", graph.quant(hidden, 0.41, 3, signed=0), kernel_shape=[2, 2], strides=[2, 2])
    dense = graph.node("MatMul", graph.node("Flatten", pooled), graph.weights(rng.normal(0, 1, (12, 3)), 0.21, 4))
    # in float32 two equal sums differ by their last bits: a quantiser makes them equal again
    return graph.write(path, graph.quant(dense, 0.23, 6), 3)


def test_a_convolution_of_qonnx_becomes_a_model_folder(tmp_path: Path, rng: np.random.Generator) -> None:
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    from qonnx_toy import computed

    path = image_graph(tmp_path / "a.onnx", rng)
    model = import_model(ForeignModel(path, LINK, output="argmax"), tmp_path / "a", "a")
    np.testing.assert_array_equal(model.golden.scores, computed(path, model.golden.inputs / 8).argmax(axis=1))
    assert load_exact(TriggerModel.load(tmp_path / "a")).digest == model.network.digest


@pytest.mark.slow
def test_a_convolution_of_qonnx_is_exact_in_c_and_rtl(tmp_path: Path, rng: np.random.Generator) -> None:
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    model = import_model(ForeignModel(image_graph(tmp_path / "a.onnx", rng), LINK, output="argmax"), tmp_path / "a", "a")
    words = random_words(model.input_formats, 3000, rng)
    expected = IntegerEmulator(model.network).predict(words)
    assert len(np.unique(expected)) == 3
    simulations = (
        CSimulation(hls_project(model, ConversionConfig()).write(tmp_path)),
        RtlSimulation(rtl_project(model, ConversionConfig()).write(tmp_path)),
    )
    for simulation in simulations:
        np.testing.assert_array_equal(simulation.predict(words), expected)

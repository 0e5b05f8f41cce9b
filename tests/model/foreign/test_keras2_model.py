from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from damage_job import damaged
from keras2_toy import BIAS, KERNEL, WEIGHTS, dense, functional, inputs, layer, toy, write_keras2, write_weights
from network_words import all_words

from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError, DataError
from l1ml.hardware import FixedPoint
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.foreign import read_keras2_model

FORMATS = (FixedPoint(5, 5), FixedPoint(4, 4, False))


def grid(values: Any, step: float, low: float, high: float) -> Any:
    """Round halves to even to multiples of `step`, then clip: what QKeras does to a weight and to what a unit gives."""
    return np.clip(np.rint(np.asarray(values, np.float64) / step) * step, low, high)


def test_a_model_gives_what_its_file_says(tmp_path: Path, rng: np.random.Generator) -> None:
    """quantized_bits(6, 1): 4 bits after the point; quantized_relu(5, 2): 3."""
    model = read_keras2_model(write_keras2(tmp_path / "a.h5", toy()))
    words = random_words(FORMATS, 300, rng)
    kernel, bias = (grid(values, 1 / 16, -2, 2 - 1 / 16) for values in (KERNEL, BIAS))
    expected = grid(words @ kernel + bias, 1 / 8, 0, 4 - 1 / 8)
    np.testing.assert_array_equal(model.predict(words.astype(np.float32), verbose=0), expected)
    freeze(model)
    np.testing.assert_array_equal(all_words(extract_network(model, FORMATS), words) / 8, expected)


def test_a_sequential_model_in_two_files(tmp_path: Path, rng: np.random.Generator) -> None:
    rows = [{key: row[key] for key in ("class_name", "config")} for row in (dense(), toy()["config"]["layers"][2])]
    rows[0]["config"]["batch_input_shape"] = [None, 2]
    with h5py.File(tmp_path / "w.h5", "w") as file:
        write_weights(file, {key: WEIGHTS[key] for key in ("fc", "relu")})
    words = random_words(FORMATS, 100, rng).astype(np.float32)
    whole = read_keras2_model(write_keras2(tmp_path / "a.h5", toy()))
    for config in ({"name": "sequential", "layers": rows}, rows):
        (tmp_path / "a.json").write_text(json.dumps({"class_name": "Sequential", "config": config}))
        model = read_keras2_model(tmp_path / "a.json", tmp_path / "w.h5")
        np.testing.assert_array_equal(model.predict(words, verbose=0), whole.predict(words, verbose=0))
    del rows[0]["config"]["batch_input_shape"]
    (tmp_path / "a.json").write_text(json.dumps({"class_name": "Sequential", "config": rows}))
    with pytest.raises(ConversionError, match="does not say what shape its input has"):
        read_keras2_model(tmp_path / "a.json", tmp_path / "w.h5")


def test_branches_come_together_whatever_their_order(tmp_path: Path, rng: np.random.Generator) -> None:
    both = layer("Subtract", "both", ["second", "first"])
    rows = [both, dense("second"), dense("first"), inputs()]
    weights = {"first": {"kernel": KERNEL, "bias": BIAS}, "second": {"kernel": KERNEL[::-1], "bias": BIAS}}
    model = read_keras2_model(write_keras2(tmp_path / "a.h5", functional(*rows, output="both"), weights))
    freeze(model)
    words = random_words(FORMATS, 100, rng)
    kernel = grid(KERNEL, 1 / 16, -2, 2 - 1 / 16)
    network = extract_network(model, FORMATS)
    np.testing.assert_array_equal(all_words(network, words) / 16, words @ (kernel[::-1] - kernel))


def refused(config: dict[str, Any], folder: Path, weights: dict[str, Any] | None = None) -> str:
    with pytest.raises((ConversionError, DataError)) as caught:
        read_keras2_model(write_keras2(folder / "a.h5", config, weights))
    return str(caught.value)


def test_what_is_not_read_is_refused(tmp_path: Path) -> None:
    assert "its layers are in Python code" in refused({"class_name": "Jets", "config": {}}, tmp_path)
    assert "'quantized_rely' is not known" in refused(
        functional(inputs(), dense(activation="quantized_rely(3)"), output="fc"), tmp_path
    )
    called = dense()
    called["inbound_nodes"] = [[["inp", 0, 0, {"mask": 1}]]]
    assert "layer 'fc' is called with {'mask': 1}" in refused(functional(inputs(), called, output="fc"), tmp_path)
    assert "layer 'fc' reads ['nothing'], which nothing gives" in refused(
        functional(inputs(), dense(source="nothing"), output="fc"), tmp_path
    )
    number = layer("InputLayer", "inp", batch_input_shape=[None, 2])
    number["config"]["dtype"] = "int32"
    assert "an input of dtype 'int32'" in refused(functional(number, dense(), output="fc"), tmp_path)


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    assert "the file none; give the file of its weights" in refused(toy(), tmp_path, {"inp": {}})
    assert "weights of the layers other, which the model" in refused(toy(), tmp_path, {**WEIGHTS, "other": {"kernel": KERNEL}})
    short = {**WEIGHTS, "fc": {"kernel": KERNEL[:1], "bias": BIAS}}
    assert "kernel of layer 'fc' has shape (1, 3), expected (2, 3)" in refused(toy(), tmp_path, short)
    assert "has the weights bias, kernel, the file kernel" in refused(toy(), tmp_path, {**WEIGHTS, "fc": {"kernel": KERNEL}})


def test_damaged_files_give_one_error_or_a_model(tmp_path: Path, rng: np.random.Generator) -> None:
    content = write_keras2(tmp_path / "a.h5", toy()).read_bytes()
    n_refused = 0
    for copy in damaged(content, 90, rng):
        (tmp_path / "a.h5").write_bytes(copy)
        try:
            read_keras2_model(tmp_path / "a.h5")
        except (DataError, ConversionError):
            n_refused += 1
    assert n_refused >= 30


@pytest.mark.parametrize("place", ["layers", "class_name", "inbound_nodes", "units", "input_layers", "output_layers"])
def test_descriptions_of_another_kind_give_one_error(place: str, tmp_path: Path) -> None:
    text = json.dumps(toy())
    for wrong in ("null", "7", '"a"', "[]", "{}", "[[[]]]", "-1"):
        start = text.rindex(f'"{place}": ') + len(place) + 4
        _, end = json.JSONDecoder().raw_decode(text, start)
        config = json.loads(text[:start] + wrong + text[end:])
        assert refused(config, tmp_path)

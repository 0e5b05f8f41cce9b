from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, hls_project, rtl_project
from l1ml.errors import ConfigError, ConversionError

keras, qkeras = require("keras"), require("qkeras")
bits = projects.bits


def dense(units: int = 2, **options: Any) -> Any:
    return qkeras.QDense(units, **{"kernel_quantizer": bits(5, 0), "bias_quantizer": bits(5, 0), "name": "dense", **options})


REFUSED: dict[str, Callable[[], Any]] = {
    "layer 'd': Dense has no exact fixed-point form; use QDense": lambda: keras.layers.Dense(2, name="d"),
    "layer 's': Softmax has no exact fixed-point form; use the logits": lambda: keras.layers.Softmax(name="s"),
    "kernel of layer 'dense': quantized_bits with alpha='auto' has no fixed-point meaning; use alpha=1": lambda: dense(
        kernel_quantizer=bits(5, 0, alpha="auto")
    ),
    "kernel of layer 'dense': quantized_bits with alpha=0.3": lambda: dense(kernel_quantizer=bits(5, 0, alpha=0.3)),
    "bias of layer 'dense': a float weight has no fixed-point meaning": lambda: dense(bias_quantizer=None),
    "layer 'a': 'quantized_ulaw' has no fixed-point meaning": lambda: qkeras.QActivation(qkeras.quantized_ulaw(6), name="a"),
    "layer 'r': a factor of 0.3": lambda: keras.layers.Rescaling(0.3, name="r"),
    "layer 'r': Rescaling with an offset": lambda: keras.layers.Rescaling(0.5, offset=1.0, name="r"),
}


@pytest.mark.parametrize("convert", [hls_project, rtl_project])
@pytest.mark.parametrize("message", REFUSED)
def test_what_has_no_fixed_point_meaning_is_refused_by_name(message: str, convert: Callable[..., Any], tmp_path: Path) -> None:
    network = projects.keras_model([REFUSED[message]()])
    for layer in network.layers:
        if hasattr(layer, "kernel"):
            layer.set_weights([np.zeros(weight.shape) for weight in layer.get_weights()])
    network.save(tmp_path / "weights.keras")
    model = replace(projects.small_model(), weights=(tmp_path / "weights.keras").read_bytes())
    with pytest.raises(ConversionError) as error:
        convert(model, ConversionConfig())
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("convert", [hls_project, rtl_project])
def test_a_keras_file_of_another_network_is_refused(convert: Callable[..., Any]) -> None:
    other = projects.trigger_model(projects.keras_model([dense(1)]))
    with pytest.raises(ConversionError, match="computes another network than its golden words"):
        convert(replace(projects.small_model(), weights=other.weights), ConversionConfig())


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("part", ""),
        ("clock_mhz", 0.0),
        ("clock_mhz", float("nan")),
        ("strategy", "fast"),
        ("reuse_factor", 0),
        ("latency_cutoff_ns", -1.0),
        ("clock_uncertainty", 1.0),
        ("adder_depth", -2),
        ("adder_trees", "speed"),
    ],
)
def test_configuration_out_of_range(option: str, value: object) -> None:
    with pytest.raises(ConfigError, match=option):
        ConversionConfig(**{option: value})


@pytest.mark.parametrize(("clock_mhz", "clock_ns"), [(240.0, 4.166), (360.0, 2.777), (40.0, 25.0), (200.0, 5.0)])
def test_the_clock_is_never_slower_than_asked(clock_mhz: float, clock_ns: float) -> None:
    assert ConversionConfig(clock_mhz=clock_mhz).clock_ns == clock_ns


def test_a_constant_score_is_refused() -> None:
    dead = dense(1, kernel_initializer="zeros", name="dead")
    model = projects.trigger_model(projects.keras_model([keras.layers.Rescaling(0.25), dead]))
    dies = pytest.warns(RuntimeWarning, match="layer 'dead' of 'small' is dead")
    with dies, pytest.raises(ConversionError, match="the score is a constant"):
        rtl_project(model, ConversionConfig())


@pytest.mark.parametrize("convert", [hls_project, rtl_project])
def test_a_layer_that_no_input_can_move_is_warned_of_by_name(convert: Callable[..., Any]) -> None:
    inputs = keras.Input((len(projects.FORMATS),))
    x = keras.layers.Rescaling(0.25, name="shift")(inputs)
    asleep = qkeras.QActivation(qkeras.quantized_relu(4, 1), name="asleep")(
        dense(1, kernel_initializer="zeros", bias_initializer=keras.initializers.Constant(-0.5), name="below")(x)
    )
    awake = dense(1, kernel_initializer="ones", name="awake")(x)
    model = projects.trigger_model(keras.Model(inputs, keras.layers.Add(name="sum")([awake, asleep])))
    with pytest.warns(RuntimeWarning, match="layer 'below' of 'small' is dead"):
        assert convert(model, ConversionConfig()).files

from __future__ import annotations

from typing import Any

import pytest

from l1ml._optional import require
from l1ml.errors import ConversionError
from l1ml.model.foreign.keras2_quantisers import read_activation, read_quantiser_text

qkeras = require("qkeras")


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("quantized_bits(6,0,alpha=1)", "quantized_bits", {"bits": 6, "integer": 0, "alpha": 1, "keep_negative": True}),
        (
            "quantized_bits(6, 2, 1, keep_negative=False)",
            "quantized_bits",
            {"symmetric": 1, "keep_negative": False, "alpha": None},
        ),
        ("quantized_bits(4,0,1,True,'auto_po2')", "quantized_bits", {"alpha": "auto_po2"}),
        ("quantized_relu(8,0)", "quantized_relu", {"bits": 8, "integer": 0, "negative_slope": 0.0, "is_quantized_clip": True}),
        ("quantized_relu(4,2,0,0.125)", "quantized_relu", {"negative_slope": 0.125}),
        ("quantized_po2(4, 2)", "quantized_po2", {"bits": 4, "max_value": 2}),
        ("quantized_tanh(6,0,1)", "quantized_tanh", {"bits": 6, "symmetric": 1, "use_stochastic_rounding": 0}),
        ("ternary(1,0.25)", "ternary", {"alpha": 1, "threshold": 0.25}),
        ("binary", "binary", {"alpha": None}),
        ("quantized_relu(6,2,relu_upper_bound=None)", "quantized_relu", {"relu_upper_bound": None}),
    ],
)
def test_strings_have_the_arguments_of_qkeras_0_9(text: str, name: str, expected: dict[str, Any]) -> None:
    found = read_quantiser_text(text, "layer 'a'")
    assert type(found).__name__ == name
    assert {key: getattr(found, key) for key in expected} == expected


def test_the_third_argument_of_binary_is_that_of_0_9() -> None:
    """In v3 it is `training`, a new one."""
    found = read_quantiser_text("binary(1, 1.0, 1)", "layer 'a'")
    assert (found.use_01, found.alpha, found.use_stochastic_rounding, found.training) == (1, 1.0, 1, False)


def test_objects_of_json_are_read() -> None:
    config = {"bits": 6, "integer": 0, "symmetric": 0, "alpha": 1, "keep_negative": True, "use_stochastic_rounding": False}
    given = {"class_name": "qkeras>quantized_bits", "config": {**config, "qnoise_factor": 1.0}, "shared_object_id": 7}
    found = read_activation(given, "layer 'a'")
    assert {key: getattr(found, key) for key in config} == config
    assert read_activation("softmax", "layer 'a'") == "softmax"
    assert read_activation(None, "layer 'a'") is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("quantized_bit(6)", "'quantized_bit' is not known; did you mean 'quantized_bits'"),
        ("quantized_linear(6)", "'quantized_linear' is not known"),
        ("quantized_bits(6,0,alfa=1)", "no argument 'alfa'; did you mean 'alpha'"),
        ("quantized_relu(1,2,3,4,5,6,7,8,9,10,11,12)", "has 12 arguments, quantized_relu of QKeras 0.9 takes 11"),
        ("quantized_bits(6,0,alpha=auto)", "cannot read the quantiser"),
        ("quantized_bits(__import__('os').getpid())", "cannot read the quantiser"),
        ("quantized_bits(**{'bits': 6})", "cannot read the quantiser"),
        ("quantized_bits(6", "cannot read the quantiser"),
        ("quantized_bits('6')", "bits='6', a text"),
        ("quantized_bits(6,0,alpha='best')", "alpha='best', a text"),
        ("quantized_bits(0)", "bits=0; expected 1 to 32"),
        ("quantized_bits(6.5)", "bits=6.5; expected 1 to 32"),
        ("quantized_bits(6,0,scale_axis=1)", "scale_axis=1 is not supported"),
        ("quantized_relu(6,0,relu_upper_bound=3,is_quantized_clip=False)", "is_quantized_clip=False is not supported"),
        ("hard_sigmoid", r"clip\(0.2 x \+ 0.5\) in Keras 2"),
        ("elu", "'elu' is not known"),
        ({"class_name": "quantized_bits", "config": {"bits": [6]}}, r"bits=\[6\]; expected a number"),
        ({"class_name": "Custom"}, "is no quantiser"),
        (7, "7 is no quantiser"),
    ],
)
def test_what_is_not_known_is_refused_by_name(given: Any, message: str) -> None:
    with pytest.raises(ConversionError, match=message) as caught:
        read_activation(given, "layer 'a'")
    assert "layer 'a'" in str(caught.value)

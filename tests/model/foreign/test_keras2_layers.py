from __future__ import annotations

from typing import Any

import pytest
from keras2_toy import dense, layer, quantiser

from l1ml.errors import ConversionError
from l1ml.model.foreign.keras2_layers import build_layer

CONV = {"filters": 2, "strides": [1], "padding": "valid", "dilation_rate": [1], "use_bias": True, "activation": "linear"}
NORM = {"axis": [2], "momentum": 0.9, "epsilon": 0.5, "center": True, "scale": False, "gamma_regularizer": None}


def built(row: dict[str, Any]) -> Any:
    return build_layer(row["class_name"], row["config"])


def test_a_dense_layer_keeps_what_it_computes() -> None:
    found = built(dense(activation="quantized_relu(4,1)", kernel_quantizer="quantized_bits(3,0,alpha=1)"))
    assert (found.name, found.units, found.use_bias) == ("fc", 3, True)
    assert (found.kernel_quantizer_internal.bits, found.bias_quantizer_internal.bits, found.activation.bits) == (3, 6, 4)


def test_arguments_that_are_called_otherwise_in_keras_3() -> None:
    assert built(layer("LeakyReLU", "leaky", alpha=0.25)).negative_slope == 0.25
    norm = built(layer("BatchNormalization", "norm", **NORM))
    assert (norm.axis, norm.epsilon, norm.center, norm.scale) == (2, 0.5, True, False)
    assert built(layer("Reshape", "shape", target_shape=[3, 2])).target_shape == (3, 2)
    assert built(layer("ZeroPadding1D", "pad", padding=[1, 2])).padding == (1, 2)


def test_convolutions_and_their_quantisers() -> None:
    quantisers = {"kernel_quantizer": quantiser(), "bias_quantizer": None}
    found = built(layer("QConv1D", "conv", kernel_size=[3], data_format="channels_last", groups=1, **CONV, **quantisers))
    assert (found.filters, found.kernel_size, found.kernel_quantizer_internal.bits) == (2, (3,), 6)
    assert found.bias_quantizer_internal is None
    inner = {key: value for key, value in dense().items() if key in {"class_name", "config"}}
    assert built(layer("TimeDistributed", "each", layer=inner)).layer.units == 3


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (layer("FixedPointQuantizer", "q", RND="TRN"), "layer 'q': FixedPointQuantizer of a Keras 2 file is not read; HGQ"),
        (layer("PruneLowMagnitude", "p"), "strip_pruning"),
        (layer("Lambda", "l", function=["4wEA"]), "never run from a file"),
        (layer("QDens", "d"), "did you mean 'QDense'"),
        (layer("QLSTM", "r"), "layer 'r': QLSTM of a Keras 2 file is not read"),
        (dense(lora_rank=4), "QDense has lora_rank=4, which is not known here"),
        (dense(dtype="float16"), "dtype='float16' is not supported; use 'float32'"),
        (layer("QConv1D", "c", kernel_size=[3], **{**CONV, "padding": "causal"}), "padding='causal' is not supported"),
        (layer("Flatten", "f", data_format="channels_first"), "'channels_first' is not supported"),
        (layer("BatchNormalization", "b", renorm=True), "renorm=True, which is not known here"),
    ],
)
def test_what_is_not_read_is_refused_by_name(row: dict[str, Any], message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        built(row)

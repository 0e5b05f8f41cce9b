"""Layers and operations without an exact fixed-point form, and the nearest thing that has one."""

from __future__ import annotations

__all__ = ["REPLACEMENTS"]

_FOLDED = "the QDense or Q convolution before it, which absorbs it (l1ml.model.folding.fold_normalisation)"
_QUANTISED = "with quantized_bits(bits, integer, alpha=1) for its weights"
_RECURRENT = "a fixed number of steps as positions: QConv1D, or TimeDistributed(QDense) and keras.ops.sum over them"
_ATTENTION = "a Deep Sets sum (keras.ops.sum over the constituents) or edges by keras.ops.take: products of words need no softmax"
_INSIDE = "its layers themselves, called one after the other"
_UPSAMPLED = "UpSampling and a QConv"
_SPATIAL = "keras.layers.Reshape to fewer axes and QConv2D"
_TRAINING = "no layer: drop it after training"

REPLACEMENTS = {
    "Activation": "QActivation with quantized_bits or quantized_relu",
    "AdditiveAttention": _ATTENTION,
    "AlphaDropout": _TRAINING,
    "Attention": _ATTENTION,
    "AveragePooling3D": _SPATIAL,
    "BatchNormalization": _FOLDED,
    "Bidirectional": _RECURRENT,
    "Conv1D": f"QConv1D {_QUANTISED}",
    "Conv1DTranspose": f"{_UPSAMPLED}1D",
    "Conv2D": f"QConv2D {_QUANTISED}",
    "Conv2DTranspose": f"{_UPSAMPLED}2D",
    "Conv3D": _SPATIAL,
    "Dense": "QDense with quantized_bits(bits, integer, alpha=1)",
    "DepthwiseConv1D": f"QDepthwiseConv2D on a tensor with an axis of length 1, {_QUANTISED}",
    "DepthwiseConv2D": f"QDepthwiseConv2D {_QUANTISED}",
    "Dropout": _TRAINING,
    "Einsum": "keras.ops.multiply and keras.ops.sum",
    "EinsumDense": "QDense, which acts on the last axis, between keras.ops.transpose",
    "Embedding": "QDense on one-hot words",
    "Functional": _INSIDE,
    "GRU": _RECURRENT,
    "GaussianDropout": _TRAINING,
    "GaussianNoise": _TRAINING,
    "GroupNormalization": _FOLDED,
    "GroupQueryAttention": _ATTENTION,
    "LSTM": _RECURRENT,
    "Lambda": "the layers or keras.ops that it is made of",
    "LayerNormalization": "a BatchNormalization, which folds into the weights before it",
    "LeakyReLU": "QActivation with quantized_relu(bits, integer, negative_slope=a power of two)",
    "Matmul": "keras.ops.take for edges, QDense for weights, keras.ops.multiply and keras.ops.sum for two tensors",
    "MaxPooling3D": _SPATIAL,
    "MultiHeadAttention": _ATTENTION,
    "Normalization": "Rescaling by powers of two",
    "QBatchNormalization": _FOLDED,
    "QBidirectional": _RECURRENT,
    "QConv2DBatchnorm": "QConv2D and BatchNormalization, folded (l1ml.model.folding.fold_normalisation)",
    "QConv2DTranspose": f"{_UPSAMPLED}2D",
    "QDenseBatchnorm": "QDense and BatchNormalization, folded (l1ml.model.folding.fold_normalisation)",
    "QDepthwiseConv2DBatchnorm": "QDepthwiseConv2D and BatchNormalization, folded (l1ml.model.folding.fold_normalisation)",
    "QGRU": _RECURRENT,
    "QLSTM": _RECURRENT,
    "QSimpleRNN": _RECURRENT,
    "ReLU": "QActivation with quantized_relu(bits, integer)",
    "SeparableConv1D": f"QSeparableConv1D {_QUANTISED}",
    "SeparableConv2D": f"QSeparableConv2D {_QUANTISED}",
    "Sequential": _INSIDE,
    "SimpleRNN": _RECURRENT,
    "Softmax": "the logits, their largest one or exact tables (l1ml.model.output_layer.replace_softmax)",
    "SpatialDropout1D": _TRAINING,
    "SpatialDropout2D": _TRAINING,
    "Split": "slices, x[:, first:last], one for each part",
}
"""By the name of the class; the words follow "use"."""

"""The classifier of jets by 16 high-level features (16-64-32-32-5), in floats, in 8 bits, and with learned bits.

Made for the benchmark and for ``l1ml/conversion/bit_operations.csv``; jets are those of ``l1ml data generate-jets``.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, rtl_project
from l1ml.conversion.synthesis_report import SynthesisReport
from l1ml.conversion.yosys import synthesise_with_yosys
from l1ml.data import Events, split_of
from l1ml.data.readers.jet_arrays import HLF_NAMES
from l1ml.determinism import seed_everything
from l1ml.emulation import IntegerEmulator
from l1ml.hardware import FixedPoint
from l1ml.model import GoldenWords, TriggerModel
from l1ml.model.extraction import extract_network, freeze

__all__ = [
    "FORMATS",
    "HIDDEN",
    "JetHlf",
    "accuracy",
    "float_network",
    "jet_hlf",
    "learned_network",
    "plain_network",
    "synthesis",
    "trained",
    "trigger_model",
]

HIDDEN = (64, 32, 32)
_FRACTIONAL = 7
FORMATS = (FixedPoint(12, 12, signed=True),) * len(HLF_NAMES)
"""Standardised features on a grid of 1/128, up to 16 standard deviations."""


@dataclass(frozen=True)
class JetHlf:
    """Words (n, 16) and classes (n,) of the train, validation and test jets; no collision is in two of them."""

    words: tuple[np.ndarray, ...]
    classes: tuple[np.ndarray, ...]

    def task(self) -> Any:
        """Accuracy of the class."""
        from l1ml.training.bits import BitsTask

        train, validation, _ = (part.astype(np.float32) for part in self.words)
        loss = require("keras").losses.SparseCategoricalCrossentropy(from_logits=True)
        return BitsTask(train, self.classes[0], (validation, self.classes[1]), loss, accuracy)

    def test_accuracy(self, model: Any) -> float:
        """Of a Keras `model`, on the test jets."""
        return accuracy(self.classes[2], np.asarray(model.predict(self.words[2].astype(np.float32), verbose=0, batch_size=8192)))


def accuracy(classes: np.ndarray, logits: np.ndarray) -> float:
    """Share of jets whose largest logit is that of their class."""
    return float((logits.argmax(axis=-1) == classes).mean())


def jet_hlf(events: Events) -> JetHlf:
    """Generated jets, standardised by the mean and the width of the train jets."""
    features = np.stack([events.collections["jet"][name][:, 0] for name in HLF_NAMES], axis=1).astype(np.float64)
    classes = events.crossing["process"]
    part = split_of(events.group, (0.6, 0.15, 0.25))
    mean, width = features[part == 0].mean(axis=0), features[part == 0].std(axis=0)
    words = np.clip(np.rint((features - mean) / width * 2**_FRACTIONAL), FORMATS[0].min_word, FORMATS[0].max_word).astype(
        np.int32
    )
    return JetHlf(*(tuple(array[part == index] for index in range(3)) for array in (words, classes)))


def _chain(first: Any, layers: list[Any]) -> Any:
    keras = require("keras")
    x = inputs = keras.Input((len(FORMATS),), name="words")
    x = keras.layers.Rescaling(2.0**-_FRACTIONAL, name="shift")(x)
    for layer in (first, *layers):
        x = layer(x)
    return keras.Model(inputs, x)


def float_network() -> Any:
    """Nothing quantised but the words on the link."""
    layers = require("keras").layers
    hidden = [layers.Dense(width, activation="relu") for width in HIDDEN]
    return _chain(layers.Identity(), [*hidden, layers.Dense(5)])


def plain_network(bits: int = 8) -> Any:
    """Every weight and activation of one width, as QKeras has it."""
    qkeras = require("qkeras")
    weights = {
        "kernel_quantizer": qkeras.quantized_bits(bits, 1, alpha=1),
        "bias_quantizer": qkeras.quantized_bits(bits, 1, alpha=1),
    }
    first = qkeras.QActivation(qkeras.quantized_bits(bits, 3, alpha=1), name="grid")
    layers: list[Any] = []
    for index, width in enumerate(HIDDEN):
        layers += [qkeras.QDense(width, **weights, name=f"dense_{index}")]
        layers += [qkeras.QActivation(qkeras.quantized_relu(bits, 3), name=f"relu_{index}")]
    return _chain(first, [*layers, qkeras.QDense(5, **weights, name="logits")])


def learned_network(hidden: tuple[int, ...] = HIDDEN, granularity: str = "weight", fractional: int = 6) -> Any:
    """Bits of each weight (or channel or layer) and each activation (or layer) of its own."""
    from l1ml.training.bits import ActivationBits, WeightBits

    qkeras = require("qkeras")
    of_activations = "layer" if granularity == "layer" else "channel"

    def dense(width: int, name: str) -> Any:
        quantisers = {f"{which}_quantizer": WeightBits(granularity, fractional) for which in ("kernel", "bias")}
        return qkeras.QDense(width, **quantisers, name=name)

    def activation(name: str, signed: bool) -> Any:
        return qkeras.QActivation(ActivationBits(signed, of_activations, fractional), name=name)

    layers: list[Any] = []
    for index, width in enumerate(hidden):
        layers += [dense(width, f"dense_{index}"), activation(f"relu_{index}", signed=False)]
    return _chain(activation("grid", signed=True), [*layers, dense(5, "logits")])


def trained(network: Any, jets: JetHlf, epochs: int, seed: int = 1) -> Any:
    """`network` after Adam with a cosine, with the weights of its best epoch on the validation jets."""
    keras = require("keras")
    task = jets.task()
    seed_everything(seed)
    steps = epochs * -(-len(task.inputs) // 1024)
    network.compile(optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.003, steps)), loss=task.loss)
    best = (0.0, network.get_weights())
    for _ in range(epochs):
        network.fit(task.inputs, task.targets, batch_size=1024, verbose=0)
        best = max(best, (task.quality_of(network), network.get_weights()), key=lambda item: item[0])
    network.set_weights(best[1])
    return network


def trigger_model(network: Any, name: str, words: np.ndarray) -> TriggerModel:
    """`network` with some of the jets `words` as its golden ones."""
    freeze(network)
    integers = extract_network(network, FORMATS)
    with tempfile.TemporaryDirectory() as folder:
        network.save(Path(folder) / "weights.keras")
        weights = (Path(folder) / "weights.keras").read_bytes()
    golden = GoldenWords(words[:64], IntegerEmulator(integers).predict(words[:64]))
    return TriggerModel(name, "0" * 64, HLF_NAMES, integers, "logits of g, q, W, Z, t", weights, golden)


def synthesis(model: TriggerModel, folder: Path) -> tuple[dict[str, Any], SynthesisReport]:
    """Estimate of alkaid, and the count of Yosys without DSP blocks."""
    project = rtl_project(model, ConversionConfig())
    return dict(project.manifest["estimate"]), synthesise_with_yosys(project.write(folder), use_dsp=False)

"""The classifier of jets by 16 high-level features (16-64-32-32-5), in floats, in 8 bits, and with learned bits.

Made for the benchmark and for ``l1ml/conversion/bit_operations.csv``; jets are those of ``l1ml data generate-jets``.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, rtl_project
from l1ml.conversion.synthesis_report import SynthesisReport
from l1ml.conversion.yosys import synthesise_with_yosys
from l1ml.data import Events
from l1ml.data.generation.jet_samples.class_jets import CLASSES
from l1ml.data.jet_words import JET_FEATURES_SCHEMA, jet_words
from l1ml.emulation import IntegerEmulator
from l1ml.model import GoldenWords, TriggerModel
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.keras_file import keras_bytes
from l1ml.training import QuantisationConfig
from l1ml.training.bits import BitsTask
from l1ml.training.sample import feature_shifts, presence, split_sample
from l1ml.training.tagger import TaggerConfig
from l1ml.training.tagger.architecture import build_tagger
from l1ml.training.tagger.layers import FixedLayers
from l1ml.training.tagger.sample import JetSample, accuracy, jet_samples

__all__ = ["EIGHT_BITS", "HIDDEN", "JetHlf", "synthesis"]

HIDDEN = (64, 32, 32)

EIGHT_BITS = FixedLayers(
    QuantisationConfig(
        input_bits=8, input_integer=3, weight_bits=8, weight_integer=1, bias_bits=8, bias_integer=1, activation_bits=8
    )
)
"""Every weight and activation of one width, as QKeras has it."""


class JetHlf:
    """Train, validation and test jets; no collision is in two of them. `build` makes the network of a kind of numbers."""

    def __init__(self, events: Events) -> None:
        parts = split_sample(jet_words(events, JET_FEATURES_SCHEMA), (0.6, 0.15, 0.25))
        self.train, self.validation, self.test = jet_samples(parts)
        shifts = feature_shifts(parts[0].features(), presence(parts[0]))
        self.build = partial(build_tagger, TaggerConfig(), shifts, len(CLASSES), HIDDEN)

    @property
    def known(self) -> tuple[JetSample, JetSample]:
        """All but the test jets."""
        return self.train, self.validation

    def task(self) -> BitsTask:
        """Accuracy of the class."""
        loss = require("keras").losses.SparseCategoricalCrossentropy(from_logits=True)
        validation = (self.validation.words, self.validation.classes)
        return BitsTask(self.train.words, self.train.classes, validation, loss, accuracy)


def synthesis(network: Any, name: str, words: np.ndarray, folder: Path) -> tuple[dict[str, Any], SynthesisReport]:
    """Estimate of alkaid, and the count of Yosys without DSP blocks; some of the jets `words` are the golden ones."""
    freeze(network)
    integers, schema = extract_network(network, JET_FEATURES_SCHEMA.feature_formats), JET_FEATURES_SCHEMA
    chosen = words[:64].astype(np.int32)
    golden = GoldenWords(chosen, IntegerEmulator(integers).predict(chosen))
    score = f"logits of {', '.join(CLASSES)}"
    model = TriggerModel(name, schema.digest, schema.features, integers, score, keras_bytes(network), golden)
    project = rtl_project(model, ConversionConfig())
    return dict(project.manifest["estimate"]), synthesise_with_yosys(project.write(folder), use_dsp=False)

"""Networks on hits as trigger models: what every back end converts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.hardware import FixedPoint
from l1ml.hardware.detector import Detector
from l1ml.model import GoldenWords, TriggerModel
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.keras_file import keras_bytes
from l1ml.storage import digest_of

__all__ = ["deliver_on_hits", "sensor_names"]


def sensor_names(detector: Detector) -> tuple[str, ...]:
    """Names of the words, such as ``layer_2_sensor_11``."""
    place = np.arange(detector.n_sensors) - detector.first[detector.layer]
    return tuple(f"layer_{layer}_sensor_{item}" for layer, item in zip(detector.layer.tolist(), place.tolist(), strict=True))


def deliver_on_hits(
    network: Any, detector: Detector, words: NDArray[np.int32], *, time_bits: int, name: str, output: str
) -> TriggerModel:
    """Freeze the Keras model `network`, which reads drift-time words of `detector`, and put it into a model.

    Parameters
    ----------
    network : keras.Model
        Words (n, n_sensors) -> words (n, n_outputs); its weights are replaced by their quantised values.
    detector : Detector
        Its digest is the model's schema.
    words : ndarray of int32, shape (n, n_sensors)
        Crossings that become the golden ones.
    time_bits : int
        Width of each word, unsigned.
    name, output : str
        Name of the model, and what its outputs are, in words.

    Raises
    ------
    ConversionError
        If a layer has no exact fixed-point meaning.
    """
    freeze(network)
    integers = extract_network(network, [FixedPoint(time_bits, time_bits, signed=False)] * detector.n_sensors)
    outputs = np.asarray(network.predict(words.astype(np.float32), verbose=0), dtype=np.float64)
    return TriggerModel(
        name=name,
        schema_digest=digest_of(detector.to_dict()),
        features=sensor_names(detector),
        network=integers,
        score=output,
        weights=keras_bytes(network),
        golden=GoldenWords(words, integers.output_format.to_words(outputs)),
    )

"""The Keras model behind a `TriggerModel`, checked before anything is generated from it."""

from __future__ import annotations

from typing import Any

from l1ml.errors import ConversionError
from l1ml.model import TriggerModel
from l1ml.model.extraction import extract_network

__all__ = ["load_exact"]


def load_exact(model: TriggerModel) -> Any:
    """Keras model of `model`, every layer of which has an exact fixed-point form.

    Raises
    ------
    ConversionError
        On a layer or quantiser without an exact form, by name, and on a Keras file that is not the network of `model`.
    ToolNotFoundError
        If Keras or QKeras is not installed.
    """
    keras_model = model.keras()
    network = extract_network(keras_model, model.input_formats)
    if network.digest != model.network.digest:
        msg = f"the Keras file of {model.name!r} computes another network than its golden words; train or promote the model again"
        raise ConversionError(msg)
    return keras_model

"""The network behind a `TriggerModel`, read from its Keras file and checked before anything is generated from it."""

from __future__ import annotations

import warnings

from l1ml.errors import ConversionError
from l1ml.model import Network, TriggerModel
from l1ml.model.extraction import extract_network

__all__ = ["load_exact"]


def load_exact(model: TriggerModel) -> Network:
    """Integer network of the Keras file of `model`, with the names of its layers.

    Warns
    -----
    RuntimeWarning
        If a layer gives the same words whatever the input is: the network is dead from there on. If a layer needs more bits than
        the float32 of Keras has: the firmware is exact, Keras is not.

    Raises
    ------
    ConversionError
        On a layer or quantiser without an exact form, by name, and on a Keras file that is not the network of `model`.
    ToolNotFoundError
        If Keras or QKeras is not installed.
    """
    network = extract_network(model.keras(), model.input_formats)
    if network.digest != model.network.digest:
        msg = f"the Keras file of {model.name!r} computes another network than its golden words; train or promote the model again"
        raise ConversionError(msg)
    if network.beyond_float32:
        what = f"layer {network.beyond_float32[0]!r} of {model.name!r} needs more than 24 bits"
        msg = f"{what}: Keras, in float32, may give other words than the firmware; quantise before it, or trust the integers"
        warnings.warn(msg, RuntimeWarning, stacklevel=2)
    if network.dead:
        msg = f"layer {network.dead[0]!r} of {model.name!r} is dead: it gives the same words whatever the input is"
        warnings.warn(msg, RuntimeWarning, stacklevel=2)
    return network

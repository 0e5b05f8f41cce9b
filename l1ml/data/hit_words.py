"""Words of the sensors of a detector as events: a drift time for each, and for trainings which hits are those of tracks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.schema import EventSchema, Field, ObjectSchema
from l1ml.hardware import HardwareScale
from l1ml.hardware.detector import Detector

__all__ = ["hit_events", "hits_of_tracks", "hits_schema"]

_TRUTH = "of_track"


def hits_schema(detector: Detector, time_bits: int) -> EventSchema:
    """One collection for each layer of `detector`, a slot for each sensor: words such as ``layer_2_11_time``, 0 for no hit.

    Beside them, not read by a network, a bit for each sensor that says whether its hit is that of a track.
    """
    time, truth = HardwareScale(1.0, time_bits), HardwareScale(1.0, 1)
    fields = (Field("time", time),)
    layers = tuple(ObjectSchema(f"layer_{index}", item.sensors, fields) for index, item in enumerate(detector.layers))
    objects = (*layers, ObjectSchema(_TRUTH, detector.n_sensors, (Field("bit", truth),)))
    return EventSchema(f"hits of {detector.name}", 1, objects, tuple(layer.name for layer in layers))


def hit_events(schema: EventSchema, words: NDArray[np.int32], of_track: NDArray[np.bool_], first: int = 0) -> Events:
    """Events of `schema` (see `hits_schema`), all of equal weight, numbered from `first` on.

    Parameters
    ----------
    schema : EventSchema
        Of the detector.
    words : ndarray of int32, shape (n, n_sensors)
        Drift times.
    of_track : ndarray of bool, shape (n, n_sensors)
        Which of the hits are those of tracks.
    first : int
        Number of the first crossing.
    """
    edges = np.cumsum([0, *(item.n_slots for item in schema.read)])
    columns = {item.name: {"hw_time": words[:, edges[index] : edges[index + 1]]} for index, item in enumerate(schema.read)}
    number = np.arange(first, first + len(words), dtype=np.uint64)
    return Events(schema, {**columns, _TRUTH: {"hw_bit": of_track.astype(np.int32)}}, np.ones(len(words)), number, number)


def hits_of_tracks(events: Events) -> NDArray[np.bool_]:
    """Which sensors have the hit of a track, shape (n, n_sensors)."""
    return np.asarray(events.collections[_TRUTH]["hw_bit"] == 1)

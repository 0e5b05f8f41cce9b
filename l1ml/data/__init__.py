"""The data layer that the trigger and the offline package share: schemas, batches of events, HDF5 files."""

from __future__ import annotations

from l1ml.data.batches import BatchSource
from l1ml.data.event_file import EventFile, file_info, iterate_events, read_events
from l1ml.data.event_recovery import recover_events
from l1ml.data.event_writer import EventWriter
from l1ml.data.events import Events
from l1ml.data.schema import LEVEL1_SCHEMA, EventSchema, Field, ObjectSchema
from l1ml.data.splits import split_of

__all__ = [
    "LEVEL1_SCHEMA",
    "BatchSource",
    "EventFile",
    "EventSchema",
    "EventWriter",
    "Events",
    "Field",
    "ObjectSchema",
    "file_info",
    "iterate_events",
    "read_events",
    "recover_events",
    "split_of",
]

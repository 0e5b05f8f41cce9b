"""What an event file says about itself, read before its rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from l1ml.data.event_layout import FORMAT, FORMAT_VERSION, text_of
from l1ml.data.schema import EventSchema
from l1ml.errors import SchemaError

__all__ = ["EventHeader", "read_header"]


@dataclass(frozen=True, slots=True)
class EventHeader:
    """Attributes of an event file of any version, as version 2 has them; see `l1ml.data.event_layout`."""

    version: int
    schema: EventSchema
    processes: tuple[str, ...]
    provenance: dict[str, Any]
    n_events: int
    complete: bool


def read_header(file: h5py.File, path: Path) -> EventHeader:
    """Header of the open file `path`.

    Raises
    ------
    SchemaError
        If it is not an event file of a version that is known, or its schema was edited.
    """
    attributes = file.attrs
    name = text_of(attributes.get("format"))
    if name != FORMAT:
        msg = f"{path} is not an l1ml event file: its attribute 'format' is {name!r}, expected {FORMAT!r}"
        raise SchemaError(msg)
    version = int(attributes["format_version"])
    if not 1 <= version <= FORMAT_VERSION:
        msg = f"{path} has format version {version}, this l1ml reads versions 1 to {FORMAT_VERSION}"
        raise SchemaError(msg)
    schema = EventSchema.from_json(text_of(attributes["schema"]))
    if schema.digest != text_of(attributes["schema_digest"]):
        msg = f"{path}: the schema digest does not match the schema inside; the file was edited: generate it again"
        raise SchemaError(msg)
    return EventHeader(
        version,
        schema,
        (text_of(attributes["process"]),) if version == 1 else tuple(json.loads(text_of(attributes["processes"]))),
        json.loads(text_of(attributes["provenance"])),
        int(attributes["n_events"]),
        bool(attributes.get("complete", 1)),
    )

"""Event files as version 1 of the layout had them."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np

from l1ml.data import Events

__all__ = ["write_version_1"]


def write_version_1(path: Path, events: Events) -> None:
    """Write `events` as l1ml did before there were masks, reals and digests."""
    with h5py.File(path, "w") as file:
        file.attrs.update({"format": "l1ml-events", "format_version": 1, "schema": events.schema.to_json(), "process": "toy"})
        file.attrs.update({"schema_digest": events.schema.digest, "n_events": len(events), "provenance": json.dumps({"seed": 1})})
        for name, columns in events.collections.items():
            for column, words in columns.items():
                file.create_dataset(
                    f"collections/{name}/{column}", data=words.astype(np.int16), chunks=True, compression="lzf", shuffle=True
                )
        for name in ("weight", "event", "group"):
            file[name] = getattr(events, name)
        for name, values in events.truth.items():
            file[f"truth/{name}"] = values

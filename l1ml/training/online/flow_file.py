"""A flow in one file, with everything it needs to go on with its stream."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from l1ml.errors import DataError, SchemaError
from l1ml.storage import write_bytes
from l1ml.training.checkpoint import State
from l1ml.training.online.online_flow import OnlineFlow

__all__ = ["read_flow", "write_flow"]

_FORMAT, _VERSION = "l1ml online flow", 1


def write_flow(flow: OnlineFlow, path: Path, stream: str = "") -> None:
    """Write `flow` to `path`, whole or not at all: the same flow makes the same bytes. Events in its buffer are not written.

    Parameters
    ----------
    flow : OnlineFlow
        At any point of its stream.
    path : Path
        Where to, such as ``mass.npz``.
    stream : str
        Digest of the stream, for who goes on with it.

    Raises
    ------
    StorageError
        If the disk is full.
    """
    state = flow.state()
    header = json.dumps({"format": _FORMAT, "version": _VERSION, "stream": stream, **state.facts}, allow_nan=False)
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {f"array_{index}": values for index, values in enumerate(state.arrays)}
    np.savez(buffer, header=np.array(header), **arrays)
    write_bytes(path, buffer.getvalue())


def read_flow(path: Path) -> tuple[OnlineFlow, str]:
    """The flow in `path` and the digest of its stream.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    SchemaError
        If it is none of these, or of a version that is not known.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            header = json.loads(str(file["header"]))
            arrays = [file[f"array_{index}"] for index in range(len(file.files) - 1)]
    except FileNotFoundError:
        msg = f"{path} does not exist; make it with: l1ml online train EVENTS --flow {path}"
        raise DataError(msg) from None
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        msg = f"{path} is no flow, or damaged ({error}); make it again with: l1ml online train EVENTS --flow {path}"
        raise DataError(msg) from error
    if header.get("format") != _FORMAT or header.get("version") != _VERSION:
        msg = f"{path} is {header.get('format')!r} version {header.get('version')}, read is {_FORMAT!r} version {_VERSION}"
        raise SchemaError(msg)
    return OnlineFlow.from_state(State(header, arrays)), str(header["stream"])

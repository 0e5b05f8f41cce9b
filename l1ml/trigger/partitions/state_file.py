"""Sums in a file: a tree of frozen dataclasses of arrays as groups and datasets of HDF5."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import h5py
import numpy as np

from l1ml.data.jobs.part_files import attempt
from l1ml.errors import DataError
from l1ml.storage import disk_errors

__all__ = ["read_state", "state_key", "write_state"]

_FORMAT, _VERSION = "l1ml-sums", 1
_PACKED = 1024
"""Numbers from which on a dataset is worth packing."""

_DAMAGE = (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError)

_T = TypeVar("_T")


def write_state(path: Path, key: str, state: Any) -> None:
    """Write the dataclass `state` to `path`, whole or not at all; `key` stands for what decides its content.

    Raises
    ------
    StorageError
        If the disk is full or `path` cannot be written.
    """
    with disk_errors(path), attempt(path) as own, h5py.File(own, "w") as file:
        _save(file, "state", state)
        file.attrs.update({"format": _FORMAT, "format_version": _VERSION, "key": key})


def state_key(path: Path) -> str:
    """Key of the file `path`.

    Raises
    ------
    DataError
        If it is not such a file, damaged, or of another version.
    """
    try:
        with h5py.File(path, "r") as file:
            form, version, key = (file.attrs[name] for name in ("format", "format_version", "key"))
    except _DAMAGE as error:
        msg = f"{path} is no file of sums, or damaged: {error}"
        raise DataError(msg) from error
    if (form, version) != (_FORMAT, _VERSION):
        msg = f"{path} has the format {form!r} of version {version}, expected {_FORMAT!r} of version {_VERSION}"
        raise DataError(msg)
    return str(key)


def read_state(path: Path, kind: type[_T]) -> _T:
    """The dataclass of type `kind` in the file `path`; raises as `state_key` does."""
    state_key(path)
    try:
        with h5py.File(path, "r") as file:
            state: _T = _load(file, "state", kind)
    except _DAMAGE as error:
        msg = f"{path} is damaged: {error}"
        raise DataError(msg) from error
    return state


def _save(group: h5py.Group, name: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, np.ndarray):
        group.create_dataset(name, data=value, compression="gzip" if value.size >= _PACKED else None, compression_opts=None)
    elif isinstance(value, tuple) or is_dataclass(value):
        inner = group.create_group(name)
        items = (
            enumerate(value) if isinstance(value, tuple) else ((item.name, getattr(value, item.name)) for item in fields(value))
        )
        for key, item in items:
            _save(inner, str(key), item)
    else:
        text = json.dumps(dict(value) if isinstance(value, Mapping) else value)
        group.create_dataset(name, data=np.frombuffer(text.encode(), np.uint8))


def _load(group: h5py.Group, name: str, kind: Any) -> Any:
    if get_origin(kind) is types.UnionType:
        return _load(group, name, get_args(kind)[0]) if name in group else None
    if get_origin(kind) is np.ndarray:
        return group[name][...]
    if get_origin(kind) is tuple:
        return tuple(_load(group[name], str(i), get_args(kind)[0]) for i in range(len(group[name])))
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{item.name: _load(group[name], item.name, hints[item.name]) for item in fields(kind)})
    return json.loads(group[name][...].tobytes())

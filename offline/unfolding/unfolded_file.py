"""The file of an unfolded distribution, to be published: events with weights, without bins. This text is the specification.

HDF5, layout version 1::

    /                   attributes, UTF-8 text of fixed length unless stated:
        format          "l1ml-unfolded"
        format_version  1 (integer)
        method          name of the method
        digest          SHA-256 of all that follows, see below
    /record             JSON as bytes: how it was made (settings, seed, software versions, digests of the inputs, losses ...)
    /events             attribute `names`: JSON list of the quantities, in their order
    /events/gen/<name>  float64, shape (n,): a quantity at generator level; attribute `unit`, empty where it is not known
    /events/weight      float64, shape (n,): weight of each event; a histogram with these is the unfolded distribution
    /events/event       uint64, shape (n,): identity of the simulated or measured event, copies of one event have the same
    /iterations/weight  float64, shape (k, n): weights after each iteration, where the method has any
    /replicas           attribute `kinds`: JSON list of the kinds, in their order; there if there are any
    /replicas/<kind>    the unfolding once more with something varied: `data` and `mc` (Poisson bootstraps), `ensemble` (start of
                        the networks), `systematic:<name>` (detector response)
        index           int64, shape (r,): number of each replica
        weight          float64, shape (r, m): its weights; m = n, or
        gen             float64, shape (r, m, d): its own events in the order of `names`, for methods that sample; a replica with
                        fewer than m has events of weight 0 at its end,
        length          int64, shape (r,): and so many before them
    /normalisation      attributes `total` (float64, sum of /events/weight) and `meaning` (what it counts)

Weights and events of replicas are rounded to 24 significant bits (6e-8, as single precision has) but keep the type float64: the
other bits are zero and cost nothing once packed, while single precision would make numpy add up histograms in it. Zeros and whole
numbers stay what they are. A million events with 110 replicas take 0.35 GB.

Histogram /events/weight and every row of /replicas/data/weight alike: the spread of the rows is the statistical error, with its
correlations between any bins; the kinds are independent and add in quadrature. Chunked, little endian, with the filters shuffle,
gzip and fletcher32; every HDF5 library since 1.10 reads it. No times are stored: equal content makes equal bytes.

The digest is the SHA-256 of the JSON object ``{path: [type, shape, SHA-256 of the little-endian bytes, attributes]}`` of all
groups and datasets, keys sorted, no spaces; of a group, type and SHA-256 are empty and the shape is [].
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.data.event_layout import as_text, text_of
from l1ml.errors import DataError, SchemaError
from l1ml.storage import atomic_path, digest_of
from offline.unfolding.unfolded import Replica, Unfolded

__all__ = ["FORMAT", "FORMAT_VERSION", "read_unfolded", "write_unfolded"]

FORMAT = "l1ml-unfolded"
FORMAT_VERSION = 1

_MEANING = "estimated true yield in the selection at generation, in the unit of the weights of the data"
_CHUNK = 1 << 16
_KEPT_BITS = 24
_DAMAGE = (OSError, KeyError, ValueError, TypeError, RuntimeError, MemoryError, OverflowError)
"""What h5py raises where a file does not say what its tables promise."""


def write_unfolded(path: Path, unfolded: Unfolded) -> None:
    """Write `unfolded` to `path`, whole or not at all.

    Units of the quantities are taken from ``record["units"]``, a mapping of name to unit, where there is one.

    Raises
    ------
    DataError
        If a name cannot be that of a dataset, the record is not JSON, or only some replicas of a kind have their own events.
    StorageError
        If `path` cannot be written.
    """
    kinds = list(dict.fromkeys(replica.kind for replica in unfolded.replicas))
    for name in (*unfolded.names, *kinds):
        if not name or "/" in name or name.startswith("."):
            msg = f"{name!r} cannot be the name of a dataset: it is empty, starts with a dot or has a slash"
            raise DataError(msg)
    record = _record_bytes(unfolded.record)
    with atomic_path(path) as part, _new_file(part) as file:
        _write_events(file, unfolded)
        file.create_dataset("record", data=np.frombuffer(record, np.uint8))
        if unfolded.iterations is not None:
            _write(_group(file, "iterations"), "weight", unfolded.iterations)
        if kinds:
            _group(file, "replicas").attrs["kinds"] = as_text(kinds)
        for kind in kinds:
            _write_replicas(_group(file["replicas"], kind), [replica for replica in unfolded.replicas if replica.kind == kind])
        _group(file, "normalisation").attrs.update({"total": unfolded.total, "meaning": as_text(_MEANING)})
        file.attrs.update({"format": as_text(FORMAT), "format_version": FORMAT_VERSION, "method": as_text(unfolded.method)})
        file.attrs["digest"] = as_text(_digest(file))


def read_unfolded(path: Path) -> Unfolded:
    """The unfolded distribution in the file `path`, after a check of its digest.

    Raises
    ------
    DataError
        If the file is missing, truncated or damaged.
    SchemaError
        If it is not such a file, or of a newer version.
    """
    if not path.is_file():
        msg = f"{path} does not exist; make it with: l1ml-offline unfold run <configuration>"
        raise DataError(msg)
    with _damage(path), h5py.File(path, "r") as file:
        _check_header(file, path)
        return Unfolded(
            method=text_of(file.attrs["method"]),
            names=(names := tuple(json.loads(file["events"].attrs["names"]))),
            gen=np.stack([file[f"events/gen/{name}"][:] for name in names], axis=1),
            weight=file["events/weight"][:],
            event=file["events/event"][:],
            iterations=file["iterations/weight"][:] if "iterations" in file else None,
            replicas=tuple(replica for kind in _kinds(file) for replica in _replicas(file["replicas"][kind], kind)),
            record=json.loads(file["record"][:].tobytes()),
        )


def _record_bytes(record: Mapping[str, Any]) -> bytes:
    """`record` as JSON."""
    try:
        return json.dumps(record, sort_keys=True, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        msg = f"the record of the unfolding is not JSON: {error}"
        raise DataError(msg) from error


def _write_events(file: h5py.File, unfolded: Unfolded) -> None:
    """The group ``events``."""
    group = _group(file, "events")
    group.attrs["names"] = as_text(list(unfolded.names))
    gen = _group(group, "gen")
    units = unfolded.record.get("units", {})
    for name in unfolded.names:
        _write(gen, name, unfolded.column(name)).attrs["unit"] = as_text(units.get(name, ""))
    _write(group, "weight", unfolded.weight)
    _write(group, "event", unfolded.event)


def _write_replicas(group: h5py.Group, replicas: list[Replica]) -> None:
    """All replicas of one kind."""
    own = [replica.gen for replica in replicas if replica.gen is not None]
    if own and len(own) != len(replicas):
        msg = f"{len(own)} of {len(replicas)} replicas of the kind {replicas[0].kind!r} have their own events; all or none must"
        raise DataError(msg)
    _write(group, "index", np.array([replica.index for replica in replicas], np.int64))
    _write(group, "weight", _rounded(_padded([replica.weight for replica in replicas])))
    if own:
        _write(group, "gen", _rounded(_padded(own)))
        _write(group, "length", np.array([len(gen) for gen in own], np.int64))


def _padded(rows: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Arrays of different lengths behind one another, zeros at the end of those that are shorter."""
    made = np.zeros((len(rows), max(map(len, rows)), *rows[0].shape[1:]))
    for target, row in zip(made, rows, strict=True):
        target[: len(row)] = row
    return made


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest numbers of `_KEPT_BITS` significant bits, ties to even."""
    lost = np.uint64(np.finfo(np.float64).nmant + 1 - _KEPT_BITS)
    words = values.view(np.uint64)
    half = (np.uint64(1) << (lost - np.uint64(1))) - np.uint64(1)
    words = (words + half + (words >> lost & np.uint64(1))) >> lost << lost
    return words.view(np.float64)


def _kinds(file: h5py.File) -> list[str]:
    """Kinds of replica, in the order of the result."""
    kinds: list[str] = json.loads(file["replicas"].attrs["kinds"]) if "replicas" in file else []
    return kinds


def _replicas(group: h5py.Group, kind: str) -> Iterator[Replica]:
    """The replicas of one kind."""
    weight, index = group["weight"][:], group["index"][:].tolist()
    if "gen" not in group:
        for number, row in zip(index, weight, strict=True):
            yield Replica(kind, number, row)
        return
    for number, row, gen, n in zip(index, weight, group["gen"][:], group["length"][:].tolist(), strict=True):
        yield Replica(kind, number, row[:n], gen[:n])


def _new_file(path: Path) -> h5py.File:
    """An empty file of format 1.10 that stores no times."""
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_libver_bounds(h5py.h5f.LIBVER_V110, h5py.h5f.LIBVER_V110)
    creation = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    creation.set_obj_track_times(False)
    return h5py.File(h5py.h5f.create(str(path).encode(), h5py.h5f.ACC_TRUNC, creation, access))


def _group(parent: h5py.Group, name: str) -> h5py.Group:
    """A new group that stores no times."""
    timeless = h5py.h5p.create(h5py.h5p.GROUP_CREATE)
    timeless.set_obj_track_times(False)
    return h5py.Group(h5py.h5g.create(parent.id, name.encode(), gcpl=timeless))


def _write(group: h5py.Group, name: str, values: NDArray[Any]) -> h5py.Dataset:
    """A dataset in little endian, packed where it is not empty."""
    little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    if not little.size:
        return group.create_dataset(name, data=little)
    # one replica in a chunk: a reader of one of them unpacks no other
    chunks = (min(len(little), _CHUNK),) if little.ndim == 1 else (1, min(little.shape[1], _CHUNK), *little.shape[2:])
    return group.create_dataset(
        name, data=little, chunks=chunks, shuffle=True, compression="gzip", compression_opts=1, fletcher32=True
    )


def _digest(file: h5py.File) -> str:
    """SHA-256 over everything in the file but the attribute that holds it."""
    content: dict[str, Any] = {"/": ["", [], "", _attributes(file)]}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            values = np.ascontiguousarray(item[()])
            content[name] = [values.dtype.str, list(values.shape), hashlib.sha256(values.data).hexdigest(), _attributes(item)]
        else:
            content[name] = ["", [], "", _attributes(item)]

    file.visititems(visit)
    return digest_of(content)


def _attributes(item: Any) -> dict[str, Any]:
    """Attributes of a group or dataset as JSON values."""
    values = {name: value for name, value in item.attrs.items() if name != "digest"}
    return {name: text_of(value) if isinstance(value, bytes | str) else value.item() for name, value in values.items()}


def _check_header(file: h5py.File, path: Path) -> None:
    """Refuse a file of another kind, of a newer version, or changed since it was written."""
    if (name := text_of(file.attrs.get("format"))) != FORMAT:
        msg = f"{path} is not a file of an unfolded distribution: its attribute 'format' is {name!r}, expected {FORMAT!r}"
        raise SchemaError(msg)
    if (version := int(file.attrs["format_version"])) > FORMAT_VERSION:
        msg = f"{path} has format version {version}, this l1ml reads versions up to {FORMAT_VERSION}: install a newer one"
        raise SchemaError(msg)
    if _digest(file) != text_of(file.attrs["digest"]):
        msg = f"{path} is damaged or was edited: its content does not have the SHA-256 that it was written with; unfold again"
        raise DataError(msg)


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Turn what h5py raises into a DataError."""
    try:
        yield
    except (DataError, SchemaError):
        raise
    except _DAMAGE as error:
        msg = f"{path} is not a readable file of an unfolded distribution (truncated or damaged): {error}"
        raise DataError(msg) from error

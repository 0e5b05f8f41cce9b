"""What is in the file of a network; this text is the specification.

Layout, version 1: an HDF5 file behind a seal (`l1ml.emulation.portable.seal`)::

    /                   attributes:
        format          "l1ml-network"
        format_version  1 (integer)
        name            short name of the model
        score           what the score is, in words
        schema_digest   SHA-256 of the schema of the events that it was trained on
        digest          SHA-256 of the model: schema, features, integer network; thresholds are bound to it
        output_format   narrowest ap_fixed type that holds every score word
    /features           text, shape (n_inputs,): name of each input word
    /input_formats      text, shape (n_inputs,): its ap_fixed type
    /score_names        text, shape (n_outputs,): name of each score word
    /operations/<nnnn>  groups in order of computation; attributes: kind, name (the layer's), sources (integers: the stages that
                        it reads, 0 being the input and i what operation i - 1 gives), and what `to_dict` of the operation in
                        `l1ml.model.operations` has: numbers as integer attributes, formats as text, words (kernel, bias, shift,
                        index, thresholds, values ...) as datasets of the smallest signed type that holds them
    /golden             input_words, shape (n, n_inputs), and score_words, shape (n, n_outputs): what every reader must give

Text is UTF-8 of fixed length. No times are stored: the same network gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.errors import SchemaError
from l1ml.hardware import FixedPoint
from l1ml.model import Network
from l1ml.model.operations import operation_from

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "network_from",
    "read_texts",
    "read_words",
    "text_of",
    "write_network",
    "write_texts",
    "write_words",
]

FORMAT = "l1ml-network"
FORMAT_VERSION = 1
_MOST_WORDS = 1 << 26
_OWN = {"name", "sources"}
"""Attributes of an operation that are of its place, not of itself."""


def write_texts(group: h5py.Group, name: str, texts: Sequence[str]) -> None:
    """`texts` as a dataset."""
    group.create_dataset(name, data=np.array([text.encode() for text in texts], "S"), track_times=False)


def read_texts(group: h5py.Group, name: str) -> tuple[str, ...]:
    """The texts of a dataset."""
    dataset = _dataset(group, name, "S")
    return tuple(bytes(text).decode() for text in np.atleast_1d(dataset[()]))


def text_of(item: h5py.Group, name: str) -> str:
    """Text of an attribute."""
    value = item.attrs[name]
    if not isinstance(value, str | bytes):
        msg = f"attribute {name!r} is {value!r}, expected text"
        raise SchemaError(msg)
    return value.decode() if isinstance(value, bytes) else value


def write_words(group: h5py.Group, name: str, words: NDArray[np.integer]) -> None:
    """`words` as a dataset of the smallest signed type that holds them."""
    ends = int(words.min(initial=0)), int(words.max(initial=0))
    kind = next(item for item in ("<i1", "<i2", "<i4", "<i8") if np.iinfo(item).min <= ends[0] and ends[1] <= np.iinfo(item).max)
    group.create_dataset(name, data=words.astype(kind), track_times=False)


def read_words(group: h5py.Group, name: str) -> NDArray[np.int64]:
    """The words of a dataset."""
    return np.asarray(_dataset(group, name, "i")[()], np.int64)


def _dataset(group: h5py.Group, name: str, kind: str) -> h5py.Dataset:
    dataset = group[name]
    if not isinstance(dataset, h5py.Dataset) or dataset.dtype.kind != kind or dataset.size > _MOST_WORDS:
        msg = f"{group.name}/{name} is {dataset}, expected at most {_MOST_WORDS} {'integers' if kind == 'i' else 'texts'}"
        raise SchemaError(msg)
    return dataset


def write_network(file: h5py.File, network: Network) -> None:
    """The operations of `network` and the formats of its inputs."""
    write_texts(file, "input_formats", [str(item) for item in network.input_formats])
    operations = file.create_group("operations")
    for index, node in enumerate(network.nodes):
        group = operations.create_group(f"{index:04d}")
        group.attrs["name"] = np.bytes_(node.name.encode())
        group.attrs["sources"] = np.array(node.sources, np.int64)
        for name, value in node.operation.to_dict().items():
            if isinstance(value, list):
                write_words(group, name, np.array(value, np.int64))
            else:
                group.attrs[name] = np.bytes_(value.encode()) if isinstance(value, str) else value


def network_from(file: h5py.File) -> Network:
    """The network in `file`; whether its operations fit together is not checked here.

    Raises
    ------
    SchemaError
        If an operation is unknown or its values are of another kind.
    """
    formats = tuple(FixedPoint.parse(text) for text in read_texts(file, "input_formats"))
    groups = [file["operations"][name] for name in sorted(file["operations"])]
    operations = tuple(operation_from(_values(group)) for group in groups)
    sources = tuple(tuple(int(item) for item in np.atleast_1d(group.attrs["sources"])) for group in groups)
    return Network(formats, operations, sources, tuple(text_of(group, "name") for group in groups))


def _values(group: h5py.Group) -> dict[str, Any]:
    """Plain values of an operation, as its `to_dict` gives them."""
    values: dict[str, Any] = {name: read_words(group, name).tolist() for name in group}
    for name, value in group.attrs.items():
        if name not in _OWN:
            values[name] = int(value) if isinstance(value, np.integer) else text_of(group, name)
    return values

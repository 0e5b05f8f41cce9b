"""Whether the operations of a network fit together: how many words each reads and gives, before any of them is computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l1ml.errors import ConfigError, ConversionError, SchemaError
from l1ml.model.network import Network, Node
from l1ml.model.operations import (
    Add,
    Affine,
    ArgMax,
    Concatenate,
    Dense,
    Gather,
    Maximum,
    Operation,
    Product,
    Scale,
    Steps,
    Words,
)

__all__ = ["check_network"]

_MOST_SHIFT = 1024
"""Far beyond any exponent of a trigger; a shift by millions would take all memory before it is found to be too wide."""

_MOST_WORD = 1 << 61
"""Largest constant: sums and magnitudes of such words still fit into int64."""

_MOST_WORDS = 1 << 24
"""Words of a stage; a row of more is no trigger network."""


def check_network(network: Network) -> None:
    """Refuse a network, read from a file, whose operations cannot be computed one after the other.

    Raises
    ------
    SchemaError
        Naming the operation that reads another number of words than there are, has constants of another shape, or could leave
        62 bits.
    """
    if not network.input_formats or not network.operations:
        msg = f"a network has {len(network.input_formats)} inputs and {len(network.operations)} operations; it needs some of both"
        raise SchemaError(msg)
    sizes = [len(network.input_formats)]
    for node in network.nodes:
        sizes.append(_size(node, [sizes[source] for source in node.sources]))
    try:
        _ = network.stages
    except (ConfigError, ConversionError) as error:
        msg = f"the network cannot be computed exactly: {error}"
        raise SchemaError(msg) from error


def _size(node: Node, sizes: Sequence[int]) -> int:
    """Words after the operation of `node`, which reads `sizes` words of each of its sources."""
    _require(node, _n_sources(node.operation) in {len(sizes), None}, f"reads {len(sizes)} stages")
    for name in type(node.operation).__dataclass_fields__:
        value = getattr(node.operation, name)
        most = _MOST_SHIFT if name.endswith("fractional") or name == "shift" else _MOST_WORD
        if name != "format":
            _require(node, _within(value, most), f"has {name}={value}")
    size = _size_after(node, sizes)
    _require(node, 0 < size <= _MOST_WORDS, f"gives {size} words")
    return size


def _within(value: int | Words, most: int) -> bool:
    """Whether no number of `value` is beyond `most`; an int64 has no magnitude at its lower end."""
    words = np.asarray(value)
    return bool(words.min(initial=0) >= -most and words.max(initial=0) <= most)


def _n_sources(operation: Operation) -> int | None:
    """How many stages an operation reads; any number if None."""
    if isinstance(operation, Concatenate):
        return None
    return 2 if isinstance(operation, Add | Product) else 1


def _size_after(node: Node, sizes: Sequence[int]) -> int:
    n = sizes[0]
    match operation := node.operation:
        case Gather(index):
            inside = index.ndim == 1 and index.size > 0 and -1 <= index.min() <= index.max() < n
            _require(node, inside, f"picks {index} of {n} words")
            return int(index.size)
        case Maximum(groups) | ArgMax(groups):
            _require(node, groups >= 1 and n % groups == 0, f"divides {n} words into {groups} groups")
            return groups
        case Add() | Product():
            _require(node, not isinstance(operation, Add) or abs(operation.sign) == 1, "adds with a sign that is not 1 or -1")
            _require(node, min(sizes) in {1, max(sizes)}, f"meets {sizes[0]} with {sizes[1]} words")
            return max(sizes)
        case Concatenate():
            return sum(sizes)
        case Dense():
            return _dense_size(node, operation, n)
        case _:
            _check_constants(node, n)
            return n


def _check_constants(node: Node, n: int) -> None:
    """Refuse constants that are not one for each of `n` words, or make no function."""
    match operation := node.operation:
        case Scale(shift):
            _require(node, shift.shape == (n,), f"shifts {shift.shape} of {n} words")
        case Affine():
            shapes = operation.factor.shape, operation.offset.shape
            _require(node, shapes == ((n,), (n,)), f"has factors and offsets of the shapes {shapes} for {n} words")
        case Steps(thresholds, _, values, _):
            rising = thresholds.ndim == 1 and bool((np.diff(thresholds) > 0).all())
            _require(node, rising and values.shape == (thresholds.size + 1,), "has thresholds that do not rise with a level each")
        case _:
            pass


def _dense_size(node: Node, operation: Dense, n: int) -> int:
    """Words after a dense layer at all of its positions."""
    kernel, bias, positions = operation.kernel, operation.bias, operation.positions
    fits = kernel.ndim == 2 and bias.shape == kernel.shape[1:] and positions >= 1 and kernel.shape[0] * positions == n
    _require(node, fits, f"has a kernel {kernel.shape}, a bias {bias.shape} and {positions} positions for {n} words")
    return int(kernel.shape[1]) * positions


def _require(node: Node, holds: bool, received: str) -> None:
    if not holds:
        msg = f"{node.name} ({type(node.operation).__name__}) {received}: the network is damaged; convert or export it again"
        raise SchemaError(msg)

"""Proofs that two networks which differ in one operation give the same words for every input."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.integer_steps import step_of
from l1ml.model.network import Network, Node
from l1ml.model.operations import (
    Absolute,
    Affine,
    ArgMax,
    Concatenate,
    Dense,
    Gather,
    Maximum,
    Quantise,
    Scale,
    Square,
    Stage,
    Steps,
)

__all__ = ["proof"]

Mask = NDArray[np.bool_]

_MOST_WORDS = 2**22
"""Words of one stage that are all tried at once: 32 MB."""


def proof(first: Network, second: Network) -> str:
    """Why both give the same words for every input, in a sentence; empty if that is not proven.

    The operation that differs is compared for every word that can arrive: one by one where each output hangs on one word, by
    ranges for sums. Outputs that may differ are followed downstream: a word that is the same constant on both sides, or that
    meets a weight of zero, carries no difference further.
    """
    rows = [network.to_dict() for network in (first, second)]
    pairs = list(zip(*(content["operations"] for content in rows), strict=True))
    changed = [index for index, (a, b) in enumerate(pairs) if a != b]
    if len(changed) != 1 or rows[0]["input_formats"] != rows[1]["input_formats"]:
        return ""
    index = changed[0]
    differs = _own_difference(first, second, index)
    if differs is None:
        return ""
    if not differs.any():
        return f"operation {index} gives the same words for every word that can arrive"
    masks: list[Mask] = [np.zeros(len(stage.low), np.bool_) for stage in first.stages[: index + 1]]
    masks.append(differs)
    for place in range(index + 1, len(first.nodes)):
        node = first.nodes[place]
        mask = _carried(node, [masks[source] for source in node.sources])
        masks.append(mask & ~_same_constants(first.stages[place + 1], second.stages[place + 1]))
    return "" if masks[-1].any() else f"{int(differs.sum())} words of operation {index} may differ, none of them reaches a score"


def _own_difference(first: Network, second: Network, index: int) -> Mask | None:
    """Which outputs of operation `index` may differ; None where neither all words nor ranges can tell."""
    a, b = first.nodes[index], second.nodes[index]
    before = [first.stages[source] for source in a.sources]
    if isinstance(a.operation, Dense) and isinstance(b.operation, Dense):
        return _dense_difference(a.operation, b.operation, before[0])
    if isinstance(a.operation, Quantise | Steps | Scale | Affine):
        return _elementwise_difference(a, b, before[0], (first.stages[index + 1], second.stages[index + 1]))
    return None


def _dense_difference(a: Dense, b: Dense, stage: Stage) -> Mask:
    """By the range of ``words @ (kernel_a - kernel_b) + bias_a - bias_b``."""
    difference = Dense(a.kernel - b.kernel, a.kernel_fractional, a.bias - b.bias, a.bias_fractional, a.positions)
    ends = difference.bound(stage)
    return np.asarray((ends.low != 0) | (ends.high != 0))


def _elementwise_difference(a: Node, b: Node, stage: Stage, after: tuple[Stage, Stage]) -> Mask | None:
    """By trying every word of every input in its range."""
    n_words = int((stage.high - stage.low).max()) + 1
    if n_words * len(stage.low) > _MOST_WORDS:
        return None
    finest = max(item.fractional for item in after)
    words = np.minimum(stage.low + np.arange(n_words)[:, np.newaxis], stage.high)
    given = []
    # copies, because some steps write where they read
    for node, item in zip((a, b), after, strict=True):
        given.append(np.asarray(step_of(node.operation, (stage,), "int64")(words.copy())) << (finest - item.fractional))
    return np.asarray((given[0] != given[1]).any(axis=0))


def _carried(node: Node, masks: list[Mask]) -> Mask:
    """Which outputs of `node` may differ if the inputs of `masks` may."""
    operation, mask = node.operation, masks[0]
    match operation:
        case Dense(kernel=kernel):
            return np.asarray((mask.reshape(operation.positions, -1).astype(np.int64) @ (kernel != 0)) > 0).ravel()
        case Gather(index):
            return np.append(mask, np.False_)[index]
        case Maximum() | ArgMax():
            return np.asarray(mask.reshape(operation.groups, -1).any(axis=1))
        case Concatenate():
            return np.concatenate(masks)
        case Quantise() | Steps() | Scale() | Affine() | Square() | Absolute():
            return mask
        case _:
            return np.asarray(np.logical_or(*np.broadcast_arrays(*masks)))


def _same_constants(a: Stage, b: Stage) -> Mask:
    """Words that are one and the same constant on both sides."""
    finest = max(a.fractional, b.fractional)
    left, right = (stage.on_grid(finest, "comparison") for stage in (a, b))
    return np.asarray((left.low == left.high) & (right.low == right.high) & (left.low == right.low))

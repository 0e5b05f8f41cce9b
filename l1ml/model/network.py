"""A quantised network as integers: what the firmware computes, without Keras.

Every operation maps integer words to integer words exactly. `Network.stages` follows the smallest and largest word and the
number of fractional bits through the operations, which proves how wide each accumulator is and what the output format must be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from l1ml.errors import SchemaError
from l1ml.hardware import FixedPoint
from l1ml.model.operations import Concatenate, Gather, Operation, Scale, Stage, operation_from
from l1ml.storage import digest_of

__all__ = ["Network", "Node"]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """An operation in its place: `sources` are the stages that it reads, 0 being the input; `name` is its layer's."""

    operation: Operation
    sources: tuple[int, ...]
    name: str


@dataclass(frozen=True, eq=False)
class Network:
    """Operations from the words on the link to the score words, which are what the last one gives.

    Parameters
    ----------
    input_formats : sequence of FixedPoint
        Integer format of each input word.
    operations : sequence of Operation
        In order of computation.
    sources : sequence of tuple of int, optional
        For each operation the stages that it reads: 0 is the input, i what operation i - 1 gives. By default a chain.
    names : sequence of str, optional
        Name of the layer that each operation comes from, for messages and projects; no part of the digest.
    """

    input_formats: Sequence[FixedPoint]
    operations: Sequence[Operation]
    sources: Sequence[tuple[int, ...]] = ()
    names: Sequence[str] = ()

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Operations with what they read and what they are called.

        Raises
        ------
        SchemaError
            If an operation reads what comes after it, or a list is of the wrong length.
        """
        n = len(self.operations)
        sources = self.sources or [(index,) for index in range(n)]
        names = self.names or [f"operation_{index}" for index in range(n)]
        if not len(sources) == len(names) == n:
            msg = f"a network of {n} operations has {len(sources)} lists of sources and {len(names)} names"
            raise SchemaError(msg)
        for index, read in enumerate(sources):
            if not read or not all(0 <= item <= index for item in read):
                msg = f"operation {index} reads stages {list(read)}; it can read 0 (the input) to {index}"
                raise SchemaError(msg)
        return tuple(Node(*item) for item in zip(self.operations, sources, names, strict=True))

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """Ranges before the first operation and after each one.

        Raises
        ------
        ConversionError
            If an accumulator could exceed 62 bits.
        """
        words = [np.array([getattr(item, side) for item in self.input_formats], np.int64) for side in ("min_word", "max_word")]
        stages = [Stage(0, *words)]
        for node in self.nodes:
            stages.append(node.operation.bound(*(stages[index] for index in node.sources)))
        return tuple(stages)

    @property
    def output_format(self) -> FixedPoint:
        """Narrowest format that holds every score word."""
        return self.stages[-1].format

    @cached_property
    def dead(self) -> tuple[str, ...]:
        """Names of the operations whose words are constants, whatever the input: proven from the ranges.

        Single channels may be constants where others of their layer are not; what is done to those alone is not named.
        """
        return tuple(
            node.name
            for node, stage in zip(self.nodes, self.stages[1:], strict=True)
            if stage.is_constant and not isinstance(node.operation, Gather) and not any(map(self._is_of_channels, node.sources))
        )

    def _is_of_channels(self, index: int) -> bool:
        """Whether the stage has constants alone, picked out of one that has other words, too."""
        node = self.nodes[index - 1]
        is_picked = index > 0 and isinstance(node.operation, Gather) and self.stages[index].is_constant
        return is_picked and not self.stages[node.sources[0]].is_constant

    @cached_property
    def beyond_float32(self) -> tuple[str, ...]:
        """Names of the operations that float32, and so Keras, may round: they need more than its 24 bits on one grid.

        The integers are exact there all the same. QKeras ends in ``x + (q(x) - x)``, which needs x and q(x) on one grid.
        """
        found = []
        for node, after in zip(self.nodes, self.stages[1:], strict=True):
            if isinstance(node.operation, Scale | Gather | Concatenate):
                continue  # moves words and exponents: nothing is rounded
            before = [self.stages[index] for index in node.sources]
            finest = max(stage.fractional for stage in (*before, after))
            peaks = [stage.peak * 2.0 ** (finest - stage.fractional) for stage in (*before, after)]
            if max(*peaks, node.operation.peak(*before)) > 2.0**24:
                found.append(node.name)
        return tuple(found)

    @property
    def n_outputs(self) -> int:
        """Number of score words: 1 of an anomaly score, the number of classes of a tagger."""
        return len(self.stages[-1].low)

    @property
    def digest(self) -> str:
        """SHA-256 of formats and operations: networks with one digest compute the same words."""
        return digest_of(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        rows = []
        for index, node in enumerate(self.nodes):
            # a chain is written without its sources, so that networks of before branches keep their digest
            branch = {} if node.sources == (index,) else {"sources": list(node.sources)}
            rows.append({**node.operation.to_dict(), **branch})
        return {"input_formats": [str(item) for item in self.input_formats], "operations": rows}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Network from what `to_dict` gave.

        Raises
        ------
        SchemaError
            If an operation is unknown or incomplete.
        """
        try:
            formats = tuple(FixedPoint.parse(text) for text in content["input_formats"])
            rows = [dict(item) for item in content["operations"]]
            sources = tuple(tuple(row.pop("sources", (index,))) for index, row in enumerate(rows))
            return cls(formats, tuple(operation_from(row) for row in rows), sources)
        except (KeyError, TypeError) as error:
            msg = f"not a network: {error!r}"
            raise SchemaError(msg) from error

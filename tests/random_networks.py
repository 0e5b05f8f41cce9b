"""Small integer networks of random operations in random graphs: rows read again and again, skipped over and joined."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model import Network
from l1ml.model.operations import (
    Absolute,
    Add,
    Affine,
    ArgMax,
    Concatenate,
    Dense,
    Gather,
    Maximum,
    Operation,
    Product,
    Quantise,
    Scale,
    Square,
    Stage,
    Steps,
)

__all__ = ["random_network"]

Generator = np.random.Generator

_LARGEST_WORDS, _LONGEST_ROW = 2.0**9, 24
"""Rows with larger words are rounded before anything else reads them; longer ones are cut."""


def _parts(n: int, rng: Generator) -> int:
    """A number of equal parts that `n` words can have."""
    return int(rng.choice([parts for parts in range(1, n + 1) if n % parts == 0]))


def _dense(n: int, rng: Generator) -> Operation:
    positions = _parts(n, rng)
    n_out = int(rng.integers(1, 4))
    kernel, bias = rng.integers(-3, 4, (n // positions, n_out)), rng.integers(-5, 6, n_out) * rng.integers(0, 2)
    return Dense(kernel, int(rng.integers(0, 3)), bias, int(rng.integers(0, 3)), positions)


def _steps(n: int, rng: Generator) -> Operation:
    del n
    thresholds = np.unique(rng.integers(-20, 20, 3))
    return Steps(thresholds, int(rng.integers(0, 2)), rng.integers(-4, 5, len(thresholds) + 1), 1)


_OF_ONE: dict[str, Callable[[int, Generator], Operation]] = {
    "dense": _dense,
    "scale": lambda n, rng: Scale(rng.integers(-2, 3, n)),
    "affine": lambda n, rng: Affine(rng.integers(-3, 4, n), 1, rng.integers(-3, 4, n), 1),
    "steps": _steps,
    "absolute": lambda n, rng: Absolute(),
    "maximum": lambda n, rng: Maximum(_parts(n, rng)),
    "argmax": lambda n, rng: ArgMax(_parts(n, rng)),
    "gather": lambda n, rng: Gather(rng.integers(-1, n, int(rng.integers(1, 9)))),
    "square": lambda n, rng: Square(),
    "quantise": lambda n, rng: Quantise(_format(rng)),
}
_OF_MANY = ("add", "subtract", "product", "join")


def _format(rng: Generator) -> FixedPoint:
    signed = bool(rng.integers(0, 2))
    width = int(rng.integers(2, 7))
    overflow = [Overflow.SAT, Overflow.WRAP, Overflow.SAT_SYM][int(rng.integers(0, 2 + signed))]
    rounding = [Rounding.TRN, Rounding.RND, Rounding.RND_CONV][int(rng.integers(0, 3))]
    return FixedPoint(width, width - int(rng.integers(0, 3)), signed, rounding, overflow)


class _Growing:
    """A network to which operations are added."""

    def __init__(self, formats: tuple[FixedPoint, ...], rng: Generator) -> None:
        self.formats, self.rng = formats, rng
        low, high = (np.array([getattr(item, side) for item in formats], np.int64) for side in ("min_word", "max_word"))
        self.stages, self.operations, self.sources = [Stage(0, low, high)], list[Operation](), list[tuple[int, ...]]()

    def add(self, operation: Operation, *sources: int) -> int:
        """The new stage; one with large words gets a quantiser behind it."""
        self.stages.append(operation.bound(*(self.stages[index] for index in sources)))
        self.operations.append(operation)
        self.sources.append(sources)
        last = len(self.operations)
        if self.stages[last].peak > _LARGEST_WORDS and not isinstance(operation, Quantise):
            return self.add(Quantise(_format(self.rng)), last)
        if len(self.stages[last].low) > _LONGEST_ROW:
            return self.add(Gather(self.rng.permutation(len(self.stages[last].low))[:_LONGEST_ROW]), last)
        return last

    def pick(self, n: int | None = None) -> int:
        """A stage, early ones as often as late ones, of `n` words if that matters."""
        stage = int(self.rng.integers(0, len(self.stages)))
        length = len(self.stages[stage].low)
        if n in {None, length}:
            return stage
        assert n is not None
        return self.add(Gather(self.rng.integers(-1, length, n)), stage)

    def grow(self, kind: str) -> None:
        """One more operation of that kind."""
        if kind == "join":
            self.add(Concatenate(), *(self.pick() for _ in range(int(self.rng.integers(1, 5)))))
            return
        first = self.pick()
        n = len(self.stages[first].low)
        if kind in _OF_ONE:
            self.add(_OF_ONE[kind](n, self.rng), first)
            return
        operation = {"add": Add(), "subtract": Add(-1), "product": Product()}[kind]
        self.add(operation, first, self.pick(n))


def random_network(rng: Generator, n_operations: int) -> Network:
    """A network of about `n_operations`; all rows that nothing else reads are its output, rounded."""
    formats = tuple(FixedPoint(3 + index % 3, 3 + index % 3, bool(rng.integers(0, 2))) for index in range(6))
    growing = _Growing(formats, rng)
    kinds = [*_OF_ONE, *_OF_MANY]
    for kind in rng.permutation(np.resize(rng.permutation(kinds), n_operations)).tolist():
        growing.grow(str(kind))
    read = {index for sources in growing.sources for index in sources}
    ends = [index for index in range(1, len(growing.stages)) if index not in read]
    rounded = [growing.add(Quantise(FixedPoint(9, 6, True, Rounding.RND_CONV, Overflow.SAT)), index) for index in ends]
    growing.operations.append(Concatenate())
    growing.sources.append(tuple(rounded))
    return Network(formats, growing.operations, growing.sources, [f"op_{index}" for index in range(len(growing.operations))])

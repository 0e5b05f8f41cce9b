"""Random quantised networks for property-based tests."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.builder import NetworkBuilder
from l1ml.model.network import Network
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
    Steps,
)

__all__ = ["branched_networks", "networks"]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Inputs of mixed width -> shift -> quantise -> dense -> rectify -> dense -> quantise -> square -> sum."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    n_in, n_hidden, n_latent = draw(st.tuples(st.integers(1, 6), st.integers(1, 5), st.integers(1, 4)))
    formats = tuple(FixedPoint(int(rng.integers(1, 13)), 0, bool(rng.integers(2))) for _ in range(n_in))
    formats = tuple(FixedPoint(item.width, item.width, item.signed) for item in formats)
    rounding = st.sampled_from(list(Rounding))
    overflow = st.sampled_from(list(Overflow))

    def quantise(*, signed: bool) -> Quantise:
        width, integer = draw(st.integers(2, 10)), draw(st.integers(-1, 6))
        return Quantise(FixedPoint(width, integer, signed, draw(rounding), draw(overflow)))

    def dense(n: int, m: int) -> Dense:
        bits = draw(st.integers(1, 6))
        kernel = rng.integers(-(2**bits), 2**bits, (n, m))
        return Dense(kernel, draw(st.integers(0, 5)), rng.integers(-20, 21, m), draw(st.integers(0, 6)))

    operations = [Scale(rng.integers(-2, 8, n_in)), quantise(signed=True), dense(n_in, n_hidden), quantise(signed=False)]
    operations += [dense(n_hidden, n_latent), quantise(signed=True), Square()]
    operations += [Dense(np.ones((n_latent, 1), np.int64), 0, np.zeros(1, np.int64), 0)]
    return Network(formats, operations)


_KINDS = [
    "scale",
    "quantise",
    "affine",
    "steps",
    "absolute",
    "square",
    "dense",
    "gather",
    "add",
    "product",
    "concatenate",
    "maximum",
    "argmax",
]


@st.composite
def branched_networks(draw: st.DrawFn, n_operations: int = 7) -> Network:
    """Two to four narrow inputs and random operations on any of the stages before them, down to one word."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = int(rng.integers(2, 5))
    builder = NetworkBuilder([FixedPoint(width, width, bool(rng.integers(2))) for width in rng.integers(2, 7, n).tolist()])
    builder.add("shift", Scale(rng.integers(-1, 4, n)), 0)
    for kind in draw(st.lists(st.sampled_from(_KINDS), min_size=1, max_size=n_operations)):
        _extend(builder, kind, rng)
    n_last = builder.size(-1)
    last = len(builder.stages) - 1
    builder.add("score", Dense(rng.integers(-7, 8, (n_last, 1)), int(rng.integers(0, 3)), rng.integers(-9, 10, 1), 1), last)
    return builder.build()


def _extend(builder: NetworkBuilder, kind: str, rng: np.random.Generator) -> None:
    """One more operation, on late stages more often than on early ones; none where words would become wide."""
    last = len(builder.stages) - 1
    source = last if rng.random() < 0.7 else int(rng.integers(1, last + 1))
    other = int(rng.integers(1, last + 1))
    if kind in {"add", "product"} and builder.size(source) != builder.size(other):
        return
    stages = [builder.stages[item] for item in (source, other)]
    if kind in {"square", "product"} and max(stage.format.width for stage in stages) > 9:
        kind = "quantise"
    sources = (source, other) if kind in {"add", "product", "concatenate"} else (source,)
    builder.add(kind, _operation(kind, builder.size(source), rng), *sources)


def _operation(kind: str, n: int, rng: np.random.Generator) -> Operation:
    """An operation on `n` words, some of them in groups of equal size."""
    groups = int(rng.choice([size for size in range(1, n + 1) if n % size == 0]))
    kernel = rng.integers(-5, 6, (n // groups, 2))
    simple: dict[str, Operation] = {
        "absolute": Absolute(),
        "square": Square(),
        "add": Add(int(rng.choice([-1, 1]))),
        "product": Product(),
        "concatenate": Concatenate(),
        "maximum": Maximum(groups),
        "argmax": ArgMax(groups),
        "scale": Scale(rng.integers(-2, 3, n)),
        "affine": Affine(rng.integers(-5, 6, n), int(rng.integers(0, 3)), rng.integers(-9, 10, n), int(rng.integers(0, 3))),
        "dense": Dense(kernel, int(rng.integers(0, 3)), rng.integers(-9, 10, 2), int(rng.integers(0, 3)), groups),
        "gather": Gather(rng.integers(-1, n, rng.integers(1, 9))),
    }
    if kind in simple:
        return simple[kind]
    if kind == "steps":
        thresholds = np.unique(rng.integers(-40, 41, rng.integers(1, 5)))
        return Steps(thresholds, int(rng.integers(0, 4)), rng.integers(-8, 9, len(thresholds) + 1), int(rng.integers(-1, 3)))
    signed, overflow = bool(rng.integers(2)), Overflow.SAT_SYM if rng.integers(2) else Overflow.SAT
    width = int(rng.integers(2, 7))
    overflow = overflow if signed else Overflow.SAT
    return Quantise(FixedPoint(width, int(rng.integers(-1, 6)), signed, Rounding.RND_CONV, overflow))

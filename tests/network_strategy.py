"""Random quantised networks for property-based tests."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.network import Network
from l1ml.model.operations import Dense, Quantise, Scale, Square

__all__ = ["networks"]


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

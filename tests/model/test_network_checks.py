from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from network_strategy import branched_networks, networks

from l1ml.errors import SchemaError
from l1ml.hardware import FixedPoint
from l1ml.model import Network
from l1ml.model.network_checks import check_network
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
    Quantise,
    Scale,
    Square,
    Steps,
)


def words(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def network(*operations: Operation, sources: tuple[tuple[int, ...], ...] = ()) -> Network:
    return Network((FixedPoint(6, 6), FixedPoint(6, 6), FixedPoint(6, 6)), operations, sources)


@settings(max_examples=60, deadline=None)
@given(networks() | branched_networks())
def test_every_network_that_can_be_computed_passes(good: Network) -> None:
    check_network(good)


ZEROS = np.zeros((3, 2), np.int64)
LIES: list[tuple[Operation, str]] = [
    (Scale(words(1, 2)), r"shifts \(2,\) of 3 words"),
    (Scale(words(0, 0, -(2**63))), "has shift="),
    (Scale(words(0, 0, 70)), "beyond 62 bits"),
    (Affine(words(1, 1), 0, words(0, 0, 0), 0), r"shapes \(\(2,\), \(3,\)\) for 3 words"),
    (Affine(words(1, 1, 1), 0, words(1, 0, 0), 100), "beyond 62 bits"),
    (Affine(words(1, 1, 1), 2000, words(1, 0, 0), 0), "has factor_fractional=2000"),
    (Affine(words(-(2**63), 1, 1), 0, words(0, 0, 0), 0), "has factor="),
    (Dense(ZEROS[:2], 0, words(0, 0), 0), r"kernel \(2, 2\), a bias \(2,\) and 1 positions for 3 words"),
    (Dense(ZEROS, 0, words(0), 0), r"a bias \(1,\)"),
    (Dense(ZEROS, 0, words(0, 0), 0, 2), "2 positions for 3 words"),
    (Dense(ZEROS[:, 0], 0, words(0), 0), r"kernel \(3,\)"),
    (Dense(ZEROS[:, :0], 0, words(), 0), "gives 0 words"),
    (Gather(words(0, 3)), "picks"),
    (Gather(words(-2)), "picks"),
    (Gather(words()), "picks"),
    (Maximum(2), "divides 3 words into 2 groups"),
    (ArgMax(0), "divides 3 words into 0 groups"),
    (Steps(words(2, 2), 0, words(0, 1, 2), 0), "do not rise with a level each"),
    (Steps(words(2, 3), 0, words(0, 1), 0), "do not rise with a level each"),
    (Quantise(FixedPoint(60, 2)), "cannot be computed exactly"),
]


@pytest.mark.parametrize(("operation", "message"), LIES)
def test_an_operation_that_does_not_fit_is_named(operation: Operation, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        check_network(network(operation))


@pytest.mark.parametrize(
    ("operation", "sources", "message"),
    [
        (Add(1), (0,), "reads 1 stages"),
        (Square(), (0, 0), "reads 2 stages"),
        (Add(2), (0, 0), "a sign that is not 1 or -1"),
        (Add(1), (0, 1), "meets 3 with 2 words"),
        (Product(), (1, 0), "meets 2 with 3 words"),
    ],
)
def test_sources_that_do_not_fit_are_named(operation: Operation, sources: tuple[int, ...], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        check_network(network(Gather(words(0, 1)), operation, sources=((0,), sources)))


def test_sources_of_any_number_and_single_words_fit() -> None:
    single = Gather(words(2))
    check_network(network(single, Concatenate(), Add(-1), sources=((0,), (0, 1, 0), (2, 1))))


def test_an_empty_network_is_refused() -> None:
    with pytest.raises(SchemaError, match="3 inputs and 0 operations"):
        check_network(network())

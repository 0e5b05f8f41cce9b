"""Carriers at the edges of what each type holds, against Python's integers, which have no edge."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from l1ml.emulation import IntegerEmulator
from l1ml.emulation.carriers import Proof, prove
from l1ml.emulation.stimuli import extreme_words
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model import Network
from l1ml.model.operations import Absolute, Add, Affine, Dense, Operation, Quantise, Scale, Square, Steps

MANTISSA = {"float32": 24, "float64": 53, "int64": 61}
EDGES = st.tuples(st.sampled_from([24, 53, 60]), st.integers(-3, 3)).map(lambda edge: 2 ** edge[0] + edge[1])


def dense(kernel: list[int], bias: int = 0) -> Dense:
    return Dense(np.array(kernel)[:, None], 0, np.array([bias]), 0)


def split(draw: st.DrawFn, total: int, parts: int) -> list[int]:
    """`parts` whole numbers of any sign whose magnitudes add up to `total`."""
    cuts = sorted(draw(st.integers(0, total)) for _ in range(parts - 1))
    sizes = [high - low for low, high in zip([0, *cuts], [*cuts, total], strict=True)]
    return [size * draw(st.sampled_from([-1, 1])) for size in sizes]


@st.composite
def sums_at_an_edge(draw: st.DrawFn) -> tuple[Network, list[int], int, int]:
    """A sum of single bits with weights, whose magnitudes and that of the bias add up to just below or above a power of two."""
    total = draw(EDGES)
    *kernel, bias = split(draw, total, draw(st.integers(3, 9)))
    bit = FixedPoint(1, 1, signed=False)
    return Network((bit,) * len(kernel), (dense(kernel, bias),)), kernel, bias, total


@settings(max_examples=200, deadline=None)
@given(case=sums_at_an_edge(), seed=st.integers(0, 99))
def test_sums_at_the_edge_of_a_type(case: tuple[Network, list[int], int, int], seed: int) -> None:
    network, kernel, bias, total = case
    (proof,) = prove(network)
    assert proof.carrier == next(name for name, bits in MANTISSA.items() if total < 2**bits)
    words = np.random.default_rng(seed).integers(0, 2, (40, len(kernel)))
    words[0] = 1
    expected = [bias + sum(weight for weight, bit in zip(kernel, row, strict=True) if bit) for row in words.tolist()]
    assert IntegerEmulator(network).predict(words).tolist() == expected


def rounded(value: Fraction, rounding: Rounding) -> int:
    """`value` as a whole number, by the text of the manual."""
    down = value.numerator // value.denominator
    rest = value - down
    toward_zero = int(value)
    half_up = {
        Rounding.RND: True,
        Rounding.RND_MIN_INF: False,
        Rounding.RND_INF: value > 0,
        Rounding.RND_ZERO: value < 0,
        Rounding.RND_CONV: down % 2 == 1,
    }
    if rounding is Rounding.TRN:
        return down
    if rounding is Rounding.TRN_ZERO:
        return toward_zero
    return down + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and half_up[rounding]))


def bounded(word: int, target: FixedPoint) -> int:
    low, high = target.min_word, target.max_word
    if low <= word <= high:
        return word
    if target.overflow is Overflow.WRAP:
        return (word - low) % 2**target.width + low
    return 0 if target.overflow is Overflow.SAT_ZERO else min(max(word, low), high)


@st.composite
def quantisers_at_an_edge(draw: st.DrawFn) -> tuple[Network, int, FixedPoint]:
    """One bit times a weight near a power of two plus a small word, then any quantiser whose shift int64 can do."""
    bits = draw(st.sampled_from([4, 12, 22, 23, 24, 51, 52, 53, 58]))
    weight = 2**bits + draw(st.integers(-3, 3))
    shift = draw(st.integers(max(-8, bits - 58), 70))
    width = draw(st.integers(1, min(bits + 3, 60)))
    signed = draw(st.booleans())
    target = FixedPoint(
        width, width + shift, signed, draw(st.sampled_from(list(Rounding))), draw(st.sampled_from(list(Overflow)))
    )
    formats = (FixedPoint(2, 2), FixedPoint(4, 4))
    return Network(formats, (dense([weight, 1]), Quantise(target))), weight, target


def at_far_shift(shift: int, rounding: Rounding) -> tuple[Network, int, FixedPoint]:
    target = FixedPoint(1, 1 + shift, False, rounding, Overflow.WRAP)
    return Network((FixedPoint(2, 2), FixedPoint(4, 4)), (dense([16, 1]), Quantise(target))), 16, target


@settings(max_examples=400, deadline=None)
@given(case=quantisers_at_an_edge())
@example(case=at_far_shift(63, Rounding.RND))
@example(case=at_far_shift(64, Rounding.RND))
@example(case=at_far_shift(70, Rounding.RND_CONV))
def test_quantisers_at_the_edge_of_a_type(case: tuple[Network, int, FixedPoint]) -> None:
    network, weight, target = case
    words = np.array([(a, b) for a in range(-2, 2) for b in range(-8, 8)])
    grid = Fraction(2) ** target.fractional
    expected = [bounded(rounded((a * weight + b) * grid, target.rounding), target) for a, b in words.tolist()]
    assert IntegerEmulator(network).predict(words).tolist() == expected


@pytest.mark.parametrize(
    ("operations", "carriers"),
    [
        ((Square(), Scale(np.array([3]))), ["float64", "float64"]),
        (
            (dense([2**15]), Quantise(FixedPoint(8, 20, rounding=Rounding.RND_CONV, overflow=Overflow.SAT))),
            ["float64", "float64"],
        ),
        ((dense([2**4]), Quantise(FixedPoint(8, 20, overflow=Overflow.SAT)), Square()), ["float32", "float32", "float32"]),
        ((dense([2**4]), Quantise(FixedPoint(8, 20, overflow=Overflow.WRAP)), Square()), ["float32", "int64", "float32"]),
        ((dense([2**45]), Quantise(FixedPoint(8, 60, overflow=Overflow.SAT)), Square()), ["int64", "int64", "float32"]),
        ((Affine(np.array([1]), 0, np.array([2**30]), 0), Absolute()), ["float64", "float64"]),
        ((Steps(np.array([2**30]), 0, np.array([0, 1]), 0), Square()), ["float64", "float32"]),
    ],
)
def test_each_operation_has_a_carrier_of_its_own(operations: tuple[Operation, ...], carriers: list[str]) -> None:
    network = Network((FixedPoint(14, 14),), operations)
    assert [proof.carrier for proof in prove(network)] == carriers


def test_a_half_counts_where_it_is_added() -> None:
    """2**24 - 1 fits into float32, with half of 2**3 added to it before the floor it does not."""
    bit = FixedPoint(1, 1, signed=False)
    modes = {Rounding.RND: "float64", Rounding.RND_CONV: "float32", Rounding.TRN: "float32"}
    for rounding, carrier in modes.items():
        quantiser = Quantise(FixedPoint(24, 27, rounding=rounding, overflow=Overflow.SAT))
        network = Network((bit,), (dense([2**24 - 1]), quantiser))
        assert prove(network)[1].carrier == carrier
        assert IntegerEmulator(network).predict(np.array([[1]])).tolist() == [rounded(Fraction(2**24 - 1, 8), rounding)]


def test_what_cannot_be_proven_is_refused() -> None:
    wide = FixedPoint(31, 31)
    sums = (Add(1), Add(1))
    with pytest.raises(ConversionError, match="beyond 62 bits"):
        IntegerEmulator(Network((wide,), (dense([2**30]), dense([2**2]))))
    network = Network((FixedPoint(30, 30),), (dense([2**30]), *sums), ((0,), (1, 1), (2, 2)))
    with pytest.raises(ConversionError, match="beyond 62 bits"):
        IntegerEmulator(network)


def test_a_proof_says_what_and_why() -> None:
    (proof,) = prove(Network((FixedPoint(8, 8),) * 2, (dense([5, -3], 7),), names=("hidden",)))
    assert proof == Proof("hidden", "dense", 1, 8 * 128 + 7, "float32")
    assert proof.to_dict()["bits"] == 11


def test_words_of_the_caller_stay_as_they_are() -> None:
    formats = (FixedPoint(6, 6), FixedPoint(60, 60))
    quantiser = Quantise(FixedPoint(3, 3, rounding=Rounding.RND, overflow=Overflow.SAT))
    for operations in ((Scale(np.array([1, 0])), quantiser), (quantiser,)):
        words = extreme_words(formats[:1]).astype(np.int64)
        before = words.copy()
        shortened = (Scale(np.array([1])), *operations[1:]) if len(operations) == 2 else operations
        IntegerEmulator(Network(formats[:1], shortened)).predict(words)
        np.testing.assert_array_equal(words, before)


def test_a_stage_that_two_operations_read_is_not_overwritten() -> None:
    quantiser = Quantise(FixedPoint(4, 6, rounding=Rounding.RND_CONV, overflow=Overflow.SAT))
    operations = (dense([9]), quantiser, Scale(np.array([2])), Add(1), Add(-1))
    network = Network((FixedPoint(6, 6),), operations, ((0,), (1,), (1,), (2, 3), (4, 1)))
    words = np.arange(-32, 32)[:, None]
    values = [Fraction(9 * int(word)) for word in words[:, 0]]
    kept = [min(max(rounded(value / 4, Rounding.RND_CONV), -8), 7) * 4 for value in values]
    expected = [int((a + value / 4 - value) * 4) for a, value in zip(kept, values, strict=True)]
    assert IntegerEmulator(network).predict(words).tolist() == expected


@settings(max_examples=100, deadline=None)
@given(
    thresholds=st.lists(st.integers(-(2**17), 2**17), min_size=1, max_size=9, unique=True).map(sorted),
    width=st.sampled_from([3, 9, 16, 17, 18]),
)
def test_steps_by_table_and_by_search(thresholds: list[int], width: int) -> None:
    levels = [(7 * index * index) % 23 - 11 for index in range(len(thresholds) + 1)]
    steps = Steps(np.array(thresholds), 0, np.array(levels), 0)
    form = FixedPoint(width, width)
    near = {word for threshold in thresholds for word in (threshold - 1, threshold, threshold + 1)}
    words = np.array(sorted({word for word in near if form.contains(word)} | {form.min_word, -1, 0, form.max_word}))
    expected = [levels[sum(threshold <= word for threshold in thresholds)] for word in words.tolist()]
    assert IntegerEmulator(Network((form,), (steps,))).predict(words[:, None]).tolist() == expected

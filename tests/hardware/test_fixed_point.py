from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import ConfigError, DataError
from l1ml.hardware import FixedPoint, Overflow, Rounding

formats = st.builds(
    FixedPoint,
    width=st.integers(1, 20),
    integer=st.integers(-6, 24),
    signed=st.booleans(),
    rounding=st.sampled_from(list(Rounding)),
    overflow=st.sampled_from(list(Overflow)),
)


def exact_word(value: Fraction, target: FixedPoint) -> int:
    """The definition, in rational arithmetic, written independently of the vectorised code."""
    scaled = value * Fraction(2) ** target.fractional
    low = floor(scaled)
    rest = scaled - low
    half = Fraction(1, 2)
    up = {
        Rounding.TRN: False,
        Rounding.TRN_ZERO: scaled < 0 and rest > 0,
        Rounding.RND: rest >= half,
        Rounding.RND_MIN_INF: rest > half,
        Rounding.RND_ZERO: rest > half or (rest == half and scaled < 0),
        Rounding.RND_INF: rest > half or (rest == half and scaled > 0),
        Rounding.RND_CONV: rest > half or (rest == half and low % 2 == 1),
    }[target.rounding]
    word = low + up
    largest = 2 ** (target.width - target.signed) - 1
    smallest = -(2 ** (target.width - 1)) if target.signed else 0
    if smallest <= word <= largest and not (target.overflow is Overflow.SAT_SYM and target.signed and word == smallest):
        return word
    match target.overflow:
        case Overflow.WRAP:
            return (word - smallest) % 2**target.width + smallest
        case Overflow.SAT_ZERO:
            return 0
        case Overflow.SAT:
            return largest if word > 0 else smallest
        case Overflow.SAT_SYM:
            return largest if word > 0 else (-largest if target.signed else 0)


@given(formats, st.integers(-(2**22), 2**22), st.integers(-4, 14))
def test_requantize_follows_the_definition(target: FixedPoint, word: int, fractional: int) -> None:
    source = FixedPoint(24, 24 - fractional)
    expected = exact_word(Fraction(word) / Fraction(2) ** fractional, target)
    assert target.requantize([word], source).tolist() == [expected]


@given(formats, st.integers(-(2**22), 2**22), st.integers(-4, 14))
def test_words_of_reals_equal_words_of_integers(target: FixedPoint, word: int, fractional: int) -> None:
    source = FixedPoint(24, 24 - fractional)
    np.testing.assert_array_equal(target.to_words(source.from_words([word])), target.requantize([word], source))


@given(formats)
def test_every_word_survives_the_round_trip(item: FixedPoint) -> None:
    words = np.unique(np.linspace(item.min_word, item.max_word, 50).astype(np.int64))
    np.testing.assert_array_equal(item.to_words(item.from_words(words)), words)


@given(formats)
def test_text_survives_the_round_trip(item: FixedPoint) -> None:
    assert FixedPoint.parse(str(item)) == item
    assert FixedPoint.from_kif(*item.kif, item.rounding, item.overflow) == item


def test_defaults_are_those_of_ap_fixed() -> None:
    assert FixedPoint.parse("ap_fixed<16, 6>") == FixedPoint(16, 6, True, Rounding.TRN, Overflow.WRAP)
    assert FixedPoint.parse("ap_ufixed<8,0,RND>").rounding is Rounding.RND


@pytest.mark.parametrize(
    "text", ["ap_fixed<16>", "float", "ap_fixed<8,4,AP_NEAR>", "ap_fixed<8,4,AP_RND,AP_WRAP_SM>", "ap_fixed<0,0>"]
)
def test_what_is_no_format_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        FixedPoint.parse(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_not_a_number_has_no_word(value: float) -> None:
    with pytest.raises(DataError, match="not finite"):
        FixedPoint(8, 4).to_words([0.0, value])


def test_a_shift_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ConfigError, match="more than 62"):
        FixedPoint(8, -60).requantize([1], FixedPoint(16, 16))


def test_values_far_beyond_the_range() -> None:
    assert FixedPoint(8, 8, overflow=Overflow.SAT).to_words([1e300, -1e300]).tolist() == [127, -128]
    assert FixedPoint(8, 8, overflow=Overflow.WRAP).to_words([2.0**70 + 0.0]).tolist() == [0]

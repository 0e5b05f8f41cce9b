from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.hardware.link_words import BitField, WordLayout

JET = WordLayout("jet", 32, (BitField("pt", 0, 11), BitField("eta", 11, 8, signed=True), BitField("phi", 19, 8)))


def test_a_word_taken_apart_by_hand() -> None:
    # 1 phi 00000101, eta 11111110, pt 00000000111, and bit 31 that belongs to no field
    word = np.array([1 << 31 | 5 << 19 | 0xFE << 11 | 7], np.uint64)
    fields = JET.decode(word)
    assert {name: int(values[0]) for name, values in fields.items()} == {"pt": 7, "eta": -2, "phi": 5}
    assert int(JET.unused(word)[0]) == 1 << 31
    assert int(JET.encode(fields)[0]) == int(word[0]) & ~(1 << 31)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20))
def test_fields_and_unused_bits_are_the_whole_word(words: list[int]) -> None:
    given_words = np.array(words, np.uint64)
    layout = WordLayout("any", 64, (*JET.fields, BitField("high", 40, 24, signed=True)))
    np.testing.assert_array_equal(layout.encode(layout.decode(given_words)) | layout.unused(given_words), given_words)


@given(st.integers(0, 50), st.integers(1, 14), st.booleans(), st.data())
def test_every_value_of_a_field_comes_back(low: int, width: int, signed: bool, data: st.DataObject) -> None:
    field = BitField("f", low, width, signed)
    value = data.draw(st.integers(field.min_value, field.max_value))
    word = field.encode([value])
    assert field.decode(word).tolist() == [value]
    assert int(word[0]) & ~field.mask == 0


@pytest.mark.parametrize(("value", "bounds"), [(2048, "0..2047"), (-1, "0..2047")])
def test_a_value_beyond_its_field_is_refused(value: int, bounds: str) -> None:
    with pytest.raises(DataError, match=rf"'pt' holds {value} at index \(1,\): outside {bounds} \(11 bits\)"):
        JET.encode({"pt": [0, value]})


def test_signed_bounds() -> None:
    eta = JET.field("eta")
    assert eta.decode(eta.encode([-128, 127])).tolist() == [-128, 127]
    with pytest.raises(DataError, match=r"-128\.\.127"):
        eta.encode([[128]])
    with pytest.raises(DataError, match=r"-128\.\.127"):
        eta.encode(-129)


def test_a_field_that_is_not_there() -> None:
    with pytest.raises(SchemaError, match=r"jet has no field 'phy'; did you mean 'phi'\?"):
        JET.encode({"phy": [1]})
    with pytest.raises(DataError, match="no field given; known: pt, eta, phi"):
        JET.encode({})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ((BitField("a", 0, 4), BitField("b", 3, 2)), r"'b' \(bits 4..3\) overlaps"),
        ((BitField("a", 30, 4),), "'a' ends at bit 33, the word has 32 bits"),
        ((BitField("a", 0, 1), BitField("a", 1, 1)), "two fields share a name"),
    ],
)
def test_impossible_layouts(fields: tuple[BitField, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        WordLayout("x", 32, fields)


@pytest.mark.parametrize(("low", "width"), [(-1, 3), (0, 0), (0, 63)])
def test_impossible_fields(low: int, width: int) -> None:
    with pytest.raises(ConfigError, match="'x' has 1 to 62 bits from bit 0 up"):
        BitField("x", low, width)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from projects import FORMATS

from l1ml.emulation.stimuli import STIMULI, stimulus_blocks
from l1ml.hardware import FixedPoint, Overflow

N_BITS = sum(item.width for item in FORMATS)

formats = st.lists(
    st.builds(
        lambda width, signed, overflow: FixedPoint(width, width, signed, overflow=overflow),
        st.integers(2, 16),
        st.booleans(),
        st.sampled_from(Overflow),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(formats, st.sampled_from(sorted(STIMULI)), st.integers(1, 300), st.integers(0, 2**32))
def test_every_kind_gives_words_that_a_link_can_carry(items: list[FixedPoint], kind: str, n: int, seed: int) -> None:
    words = STIMULI[kind](items, n, np.random.default_rng(seed))
    assert words.shape == (n, len(items))
    assert words.dtype == np.int32
    for item, column in zip(items, words.T, strict=True):
        assert item.contains(column).all()


def test_one_hot_crossings_walk_over_every_bit(rng: np.random.Generator) -> None:
    words = STIMULI["one_hot"](FORMATS, 1000, rng)
    places = sum(item.width - item.signed for item in FORMATS)
    ones = np.array([[word.bit_count() for word in row] for row in words[:places].tolist()]).sum(axis=1)
    assert (ones == 1).all()
    assert len(np.unique(words[:places], axis=0)) == places
    pairs = words[2 * places :]
    changed = (pairs[0::2] ^ pairs[1::2]).astype(np.int64)
    assert ((changed != 0).sum(axis=1) == 1).all()
    assert ((changed & (changed - 1)) == 0).all()


def test_pipeline_crossings_turn_over_every_bit_and_then_hold(rng: np.random.Generator) -> None:
    words = STIMULI["pipeline"](FORMATS, 4000, rng)
    masks = np.array([(1 << item.width) - 1 for item in FORMATS])
    fast = words[:2000]
    assert (((fast[0::2] ^ fast[1::2]) & masks) == masks).all()
    changes = np.flatnonzero((np.diff(words[2000:], axis=0) != 0).any(axis=1))
    held = np.diff(changes)
    assert (held.min(), held.max()) == (1, 16)


def test_blocks_take_turns_and_can_be_made_again_alone() -> None:
    blocks = list(stimulus_blocks(FORMATS, 1003, 7))
    assert [kind for kind, _ in blocks] == list(STIMULI)
    assert sum(len(words) for _, words in blocks) == 1003
    many = list(stimulus_blocks(FORMATS, 170_000, 7))
    assert [kind for kind, _ in many] == [*STIMULI, next(iter(STIMULI))]
    again = STIMULI["uniform"](FORMATS, 32768, np.random.default_rng([7, 1]))
    np.testing.assert_array_equal(many[1][1], again)


@pytest.mark.parametrize("kind", sorted(STIMULI))
def test_every_bit_of_every_input_is_seen_in_both_states(kind: str, rng: np.random.Generator) -> None:
    words = STIMULI[kind](FORMATS, 4000, rng)
    for item, column in zip(FORMATS, words.T, strict=True):
        mask = (1 << item.width) - 1
        assert np.bitwise_or.reduce(column) & mask == mask
        assert np.bitwise_and.reduce(column) & mask == 0

"""Input words that no physics sample would give: random, extreme and one-bit crossings, and sequences that toggle registers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from l1ml.hardware import FixedPoint

__all__ = ["STIMULI", "Stimulus", "extreme_words", "random_words", "stimulus_blocks"]

Words = NDArray[np.int32]
Stimulus = Callable[[Sequence[FixedPoint], int, np.random.Generator], Words]

_BLOCK = 32768
_LONGEST_HOLD = 16


def _ends(formats: Sequence[FixedPoint]) -> tuple[Words, Words]:
    """Smallest and largest word of each input."""
    low, high = ([getattr(item, side) for item in formats] for side in ("min_word", "max_word"))
    return np.array(low, np.int32), np.array(high, np.int32)


def extreme_words(formats: Sequence[FixedPoint]) -> Words:
    """All-zero, all-smallest, all-largest crossings, and each input alone at its ends; shape (3 + 4 n_features, n_features)."""
    low, high = _ends(formats)
    zero = np.zeros_like(low)
    rows = [zero, low, high]
    for background, ends in ((zero, (low, high)), (high, (low, zero))):
        for end in ends:
            alone = np.tile(background, (len(low), 1))
            np.fill_diagonal(alone, end)
            rows.extend(alone)
    return np.stack(rows)


def random_words(formats: Sequence[FixedPoint], n: int, rng: np.random.Generator) -> Words:
    """`n` crossings: the extreme ones first, then uniform words, one in four inputs of which sits at an end of its range.

    Returns
    -------
    ndarray of int32, shape (n, n_features)
    """
    low, high = _ends(formats)
    words = uniform_words(formats, n, rng)
    choice = rng.integers(0, 12, size=words.shape, dtype=np.int8)
    for value, end in enumerate((low, high, np.zeros_like(low))):
        words = np.where(choice == value, end, words)
    extremes = extreme_words(formats)[:n]
    words[: len(extremes)] = extremes
    return words


def uniform_words(formats: Sequence[FixedPoint], n: int, rng: np.random.Generator) -> Words:
    """`n` crossings in which every word of every input is as likely as any other."""
    return rng.integers(*_ends(formats), size=(n, len(formats)), endpoint=True, dtype=np.int32)


def one_hot_words(formats: Sequence[FixedPoint], n: int, rng: np.random.Generator) -> Words:
    """One bit at a time: alone in zeros, missing from ones, then turned over in uniform crossings."""
    # a sign bit alone is the smallest word, which is among the extreme crossings
    places = [(column, 1 << bit) for column, item in enumerate(formats) for bit in range(item.width - item.signed)]
    column, value = (np.array(part, np.int32) for part in zip(*places, strict=True)) if places else (np.zeros(0, np.int32),) * 2
    walk = np.zeros((len(places), len(formats)), np.int32)
    walk[np.arange(len(places)), column] = value
    low, high = _ends(formats)
    n_left = max(n - 2 * len(places), 0)
    pairs = np.repeat(uniform_words(formats, -(-n_left // 2), rng), 2, axis=0)[:n_left]
    if places:
        chosen = rng.integers(0, len(places), len(pairs) // 2)
        pairs[1::2][np.arange(len(chosen)), column[chosen]] ^= value[chosen]
    words: Words = np.maximum(np.concatenate([walk, high - walk, pairs])[:n], low)
    return words


def sparse_words(formats: Sequence[FixedPoint], n: int, rng: np.random.Generator) -> Words:
    """Uniform words of which a share of zero to one, another in each crossing, is zero: few objects, as in quiet crossings."""
    there = rng.random((n, len(formats)), np.float32) < rng.random((n, 1), np.float32)
    return uniform_words(formats, n, rng) * there


def pipeline_words(formats: Sequence[FixedPoint], n: int, rng: np.random.Generator) -> Words:
    """Sequences that fill a pipeline: every input bit turns over in each crossing, then crossings are held for 1 to 16 clocks.

    At an interval of one clock there are no bubbles: each register holds another crossing, and the one after it the opposite.
    Of the held ones every other is uniform, between the smallest and the largest in turn.
    """
    low, high = _ends(formats)
    n_fast = n // 2
    fast = np.repeat(uniform_words(formats, -(-n_fast // 2), rng), 2, axis=0)[:n_fast]
    fast[1::2] = low + high - fast[1::2]
    holds = rng.integers(1, _LONGEST_HOLD, n - n_fast, endpoint=True)
    holds = holds[: int(np.searchsorted(holds.cumsum(), n - n_fast)) + 1]
    levels = uniform_words(formats, len(holds), rng)
    levels[1::4], levels[3::4] = low, high
    return np.concatenate([fast, np.repeat(levels, holds, axis=0)[: n - n_fast]])


STIMULI: Mapping[str, Stimulus] = MappingProxyType(
    {
        "extreme": random_words,
        "uniform": uniform_words,
        "one_hot": one_hot_words,
        "sparse": sparse_words,
        "pipeline": pipeline_words,
    }
)
"""Every kind of crossings that a verification makes, in the order in which their blocks take turns."""


def stimulus_blocks(formats: Sequence[FixedPoint], n: int, seed: int) -> Iterator[tuple[str, Words]]:
    """`n` crossings in blocks, with the kind of each; all kinds of `STIMULI` take turns.

    Block i depends on `seed` and i alone: any of them can be made again without those before it.
    """
    size = max(min(_BLOCK, -(-n // len(STIMULI))), 1)
    kinds = tuple(STIMULI.items())
    for index, start in enumerate(range(0, n, size)):
        kind, make = kinds[index % len(kinds)]
        yield kind, make(formats, min(size, n - start), np.random.default_rng([seed, index]))

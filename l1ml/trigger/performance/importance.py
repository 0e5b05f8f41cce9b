"""Which inputs drive a decision: what is left of it when an object is removed, or a word is that of another crossing.

The integer network itself decides on the changed words; no model of it is fitted.  A removed object leaves its slot empty, as if
it had not been sent: objects behind it do not move up.  Permutation importance is that of L. Breiman, Machine Learning 45
(2001) 5, section 10, for one threshold instead of a loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from l1ml.data.schema import EventSchema
from l1ml.errors import ConfigError
from l1ml.trigger.performance.paired import PairedSamples, Ratio
from l1ml.trigger.performance.scored import ScoredSample

__all__ = ["InputImportance", "permuted_words", "removed_objects"]

Score = Callable[[NDArray[np.int32]], NDArray[np.int64]]
"""Score words, shape (n,), of input words, shape (n, n_features)."""


@dataclass(frozen=True, eq=False, slots=True)
class InputImportance:
    """What is left of a decision without one input.

    Parameters
    ----------
    name : str
        The object ("jet_0"), all of its kind ("jet"), or the word ("jet_0_pt").
    change : str
        "removed" or "permuted".
    kept : mapping of str to Ratio
        Of each process: passing fraction with the change over that without it.  Below one where the input carries the decision;
        above one where its absence makes crossings look stranger.
    """

    name: str
    change: Literal["removed", "permuted"]
    kept: Mapping[str, Ratio]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        kept = {name: ratio.to_dict() for name, ratio in self.kept.items()}
        return {"name": self.name, "change": self.change, "kept": kept}


def removed_objects(
    schema: EventSchema,
    samples: Mapping[str, ScoredSample],
    features: Mapping[str, NDArray[np.int32]],
    score: Score,
    threshold: int,
) -> list[InputImportance]:
    """Importance of each object, and of all objects of a kind, for ``score >= threshold``.

    Parameters
    ----------
    schema : EventSchema
        What the words are.
    samples : mapping of str to ScoredSample
        Processes with their score words.
    features : mapping of str to ndarray of int32, shape (n, n_features)
        Input words of each, in the order of ``schema.features``.
    score : callable
        The network.
    threshold : int
        Word of the working point.
    """
    pairs = {name: PairedSamples.of(item, item) for name, item in samples.items()}
    found = []
    for group, columns in _objects(schema).items():
        kept = {}
        for name, item in samples.items():
            words = features[name].copy()
            words[:, columns] = 0
            kept[name] = pairs[name].ratio(score(words) >= threshold, item.words >= threshold)
        found.append(InputImportance(group, "removed", kept))
    return found


def _objects(schema: EventSchema) -> dict[str, list[int]]:
    """Columns of each kind of objects, then of each object or, of a grid, each ring in eta; a kind of one object stands once."""
    found: dict[str, list[int]] = {}
    first = 0
    for item in schema.read:
        found[item.name] = list(range(first, first + item.n_slots * len(item.fields)))
        first += item.n_slots * len(item.fields)
    for item in schema.read:
        columns, width = found[item.name], len(item.fields)
        if item.grid:
            places = np.array(columns).reshape(*item.grid, width)
            found |= {f"{item.name}_eta_{eta}": places[:, eta].ravel().tolist() for eta in range(item.grid[1])}
        elif item.n_slots > 1:
            found |= {f"{item.name}_{slot}": columns[slot * width : (slot + 1) * width] for slot in range(item.n_slots)}
    return found


def permuted_words(
    names: Sequence[str],
    samples: Mapping[str, ScoredSample],
    features: Mapping[str, NDArray[np.int32]],
    score: Score,
    threshold: int,
    *,
    rng: np.random.Generator,
    repeats: int = 2,
) -> list[InputImportance]:
    """Importance of each word for ``score >= threshold``, every other word left as it is.

    Parameters
    ----------
    names : sequence of str
        Names of the words, in the order of the columns of `features`.
    samples, features, score, threshold
        As for `removed_objects`.
    rng : numpy.random.Generator
        Draws whose word each crossing gets: of another crossing of the process, in proportion to its weight.
    repeats : int
        Independent permutations, whose mean counts; at least one.

    Raises
    ------
    ConfigError
        If `repeats` is less than one.

    Notes
    -----
    The error is that of the crossings, with the mean over the permutations as the probability that a crossing passes; it holds
    the scatter of the permutations, too, because each crossing draws its own words.
    """
    if repeats < 1:
        msg = f"repeats must be at least 1, received {repeats}"
        raise ConfigError(msg)
    pairs = {name: PairedSamples.of(item, item) for name, item in samples.items()}
    kept: list[dict[str, Ratio]] = [{} for _ in names]
    for process, item in samples.items():
        words, before = features[process].copy(), item.words >= threshold
        for column in range(len(names)):
            original, passes = words[:, column].copy(), np.zeros(item.n)
            for _ in range(repeats):
                words[:, column] = original[_donors(item, rng)]
                passes += score(words) >= threshold
            words[:, column] = original
            kept[column][process] = pairs[process].ratio(passes / repeats, before)
    return [InputImportance(name, "permuted", ratios) for name, ratios in zip(names, kept, strict=True)]


def _donors(item: ScoredSample, rng: np.random.Generator) -> NDArray[np.int64]:
    """For each crossing the one whose word it gets: a permutation where all weigh the same, else drawn by weight."""
    weight = item.sample.weight
    if (weight == weight[0]).all():
        return rng.permutation(item.n)
    ends = np.cumsum(weight)
    return np.asarray(np.minimum(np.searchsorted(ends, rng.random(item.n) * ends[-1], side="right"), item.n - 1))

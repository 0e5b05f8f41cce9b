"""Crossings as a training sees them: words, natural weights, and standardised targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.data import Events, EventSchema, split_of
from l1ml.errors import DataError, SchemaError

__all__ = [
    "Sample",
    "Standardisation",
    "feature_shifts",
    "make_sample",
    "presence",
    "require_schema",
    "split_sample",
    "standardise",
]

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Input words and targets (n, n_features), weight of each target in the loss (n, n_features), weight of each crossing (n,).

    A target of an object that is not there has no weight; the weights of the crossings have mean one.
    """

    words: Floats
    targets: Floats
    importance: Floats
    weight: Floats

    @property
    def arrays(self) -> tuple[Floats, Floats, Floats]:
        """Inputs, targets beside their importance (n, 2 n_features), weights: what a loop feeds to Keras."""
        return self.words, np.concatenate([self.targets, self.importance], axis=1), self.weight


@dataclass(frozen=True, slots=True, eq=False)
class Standardisation:
    """Mean and width of each feature among the objects that are there; float, and used for the loss only."""

    mean: Floats
    width: Floats


def require_schema(events: Events, schema: EventSchema, reader: str) -> None:
    """Refuse `events` that have other words than those of `schema`, which `reader` reads.

    Raises
    ------
    SchemaError
        Naming both; two detectors may have schemas of one name.
    """
    if events.schema.digest != schema.digest:
        both = (f"{item.name!r} ({item.digest[:8]})" for item in (schema, events.schema))
        msg = "{} reads words of {}, the sample has those of {}; generate it again with: l1ml data generate"
        raise SchemaError(msg.format(reader, *both))


def split_sample(events: Events, fractions: Sequence[float]) -> list[Events]:
    """Train, validation and test crossings.

    Raises
    ------
    DataError
        If a part is empty, or weighs nothing.
    """
    part = split_of(events.group, fractions)
    parts = [events.select(part == index) for index in range(len(fractions))]
    if any(item.n == 0 for item in parts):
        msg = f"{events.n} crossings split into {[item.n for item in parts]}: too few; generate more events"
        raise DataError(msg)
    for name, item in zip(("train", "validation", "test"), parts, strict=True):
        # of weights that are no numbers the sum is none either
        if not item.weight.sum() > 0:
            msg = f"the weights of the {item.n} {name} crossings add up to {item.weight.sum():g}: they stand for nothing"
            raise DataError(msg)
    return parts


def feature_shifts(words: NDArray[np.int32], present: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Right shift of each feature after which its typical word is of the order of one.

    Parameters
    ----------
    words : ndarray of int32, shape (n, n_features)
    present : ndarray of bool, shape (n, n_features)
        Where the object is there.

    Returns
    -------
    ndarray of int64, shape (n_features,)
        Nearest power of two of the root mean square of the words that are there; 0 for a feature that is always zero.
    """
    count = np.maximum(present.sum(axis=0), 1)
    mean_square = np.where(present, words.astype(np.float64) ** 2, 0).sum(axis=0) / count
    return np.asarray(np.rint(np.log2(np.sqrt(np.maximum(mean_square, 1.0)))), dtype=np.int64)


def presence(events: Events) -> NDArray[np.bool_]:
    """Which features belong to an object that is there, shape (n, n_features)."""
    schema: EventSchema = events.schema
    blocks = [np.repeat(events.valid(item.name), len(item.fields), axis=1) for item in schema.read]
    return np.concatenate(blocks, axis=1)


def counted(events: Events) -> NDArray[np.bool_]:
    """Which features a loss may ask for, shape (n, n_features): every pt, and the angles of objects that are there.

    The pt of a missing object is zero and counts, so that an object which is rarely there is a surprise when it is.
    """
    is_pt = np.array([name.endswith("_pt") for name in events.schema.features])
    return np.asarray(presence(events) | is_pt)


def standardise(events: Events, floor: float) -> Standardisation:
    """Mean and width of each feature of weighted `events`, where it counts; no width is below `floor` counts."""
    words, mask = events.features().astype(np.float64), counted(events)
    weight = mask * events.weight[:, None]
    total = np.maximum(weight.sum(axis=0), np.finfo(np.float64).tiny)
    mean = (weight * words).sum(axis=0) / total
    variance = (weight * (words - mean) ** 2).sum(axis=0) / total
    return Standardisation(mean.astype(np.float32), np.sqrt(np.maximum(variance, floor**2)).astype(np.float32))


def make_sample(events: Events, scale: Standardisation, angle_weight: float) -> Sample:
    """Training sample of `events`; each crossing counts by its natural weight, each angle by `angle_weight`."""
    words, mask = events.features(), counted(events)
    targets = np.where(mask, (words - scale.mean) / scale.width, 0).astype(np.float32)
    of_feature = np.array([1.0 if name.endswith("_pt") else angle_weight for name in events.schema.features])
    weight = events.weight / events.weight.mean()
    return Sample(words.astype(np.float32), targets, (mask * of_feature).astype(np.float32), weight.astype(np.float32))

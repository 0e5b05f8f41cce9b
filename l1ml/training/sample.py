"""Crossings as a training sees them: words, natural weights, and standardised targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.data import EventSchema, Events

__all__ = ["Sample", "Standardisation", "feature_shifts", "make_sample"]

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Input words as float32 (n, n_features), targets (n, n_features), presence of each target (0 or 1), weights of mean one (n,)."""

    words: Floats
    targets: Floats
    present: Floats
    weight: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Standardisation:
    """Mean and width of each feature among the objects that are there; float, and used for the loss only."""

    mean: Floats
    width: Floats


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
    return np.rint(np.log2(np.sqrt(np.maximum(mean_square, 1.0)))).astype(np.int64)


def presence(events: Events) -> NDArray[np.bool_]:
    """Which features belong to an object that is there, shape (n, n_features)."""
    schema: EventSchema = events.schema
    blocks = [np.repeat(events.valid(item.name), len(item.fields), axis=1) for item in schema.objects]
    return np.concatenate(blocks, axis=1)


def standardise(words: NDArray[np.int32], present: NDArray[np.bool_]) -> Standardisation:
    """Mean and width of each feature of `words` among the objects that are there."""
    count = np.maximum(present.sum(axis=0), 1)
    values = np.where(present, words, 0).astype(np.float64)
    mean = values.sum(axis=0) / count
    variance = (np.where(present, words - mean, 0.0) ** 2).sum(axis=0) / count
    width = np.sqrt(np.maximum(variance, 1.0))
    return Standardisation(mean.astype(np.float32), width.astype(np.float32))


def make_sample(events: Events, scale: Standardisation) -> Sample:
    """Training sample of `events`; each crossing counts by its natural weight."""
    words = events.features()
    present = presence(events)
    targets = np.where(present, (words - scale.mean) / scale.width, 0).astype(np.float32)
    weight = events.weight / events.weight.mean()
    return Sample(words.astype(np.float32), targets, present.astype(np.float32), weight.astype(np.float32))

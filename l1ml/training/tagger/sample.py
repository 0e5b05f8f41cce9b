"""Jets as a tagger is trained on them: words and classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data import Events
from l1ml.data.jet_words import classes_of
from l1ml.errors import DataError

__all__ = ["JetSample", "accuracy", "jet_samples", "logits_of"]

_BATCH = 8192


@dataclass(frozen=True, slots=True, eq=False)
class JetSample:
    """Words as floats, shape (n, n_features), and the class of each jet, shape (n,)."""

    words: NDArray[np.float32]
    classes: NDArray[np.int64]

    def accuracy(self, model: Any) -> float:
        """Of the Keras `model`."""
        return accuracy(self.classes, logits_of(model, self.words))


def jet_samples(parts: Sequence[Events]) -> list[JetSample]:
    """Samples of train, validation and test jets.

    Raises
    ------
    DataError
        If a class has no jet in one of them, or the classes do not count alike.
    """
    samples = [JetSample(part.features().astype(np.float32), classes_of(part)) for part in parts]
    for name, part, sample in zip(("train", "validation", "test"), parts, samples, strict=True):
        count = np.bincount(sample.classes, minlength=len(part.processes))
        if missing := [process for process, n in zip(part.processes, count, strict=True) if not n]:
            msg = f"no jet of {', '.join(missing)} among the {part.n} {name} jets; generate more"
            raise DataError(msg)
        if np.ptp(part.weight):
            msg = f"the {name} jets have weights from {part.weight.min():.3g} to {part.weight.max():.3g}; taggers count all alike"
            raise DataError(msg)
    return samples


def logits_of(model: Any, words: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits (n, n_classes) of the Keras `model`."""
    return np.asarray(model.predict(words, batch_size=_BATCH, verbose=0))


def accuracy(classes: NDArray[np.int64], logits: NDArray[np.floating[Any]]) -> float:
    """Share of jets whose largest logit is that of their class; of equal ones the first counts."""
    return float((logits.argmax(axis=-1) == classes).mean())

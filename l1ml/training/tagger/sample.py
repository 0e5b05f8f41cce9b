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
from l1ml.training.sample import feature_shifts, presence

__all__ = ["JetSample", "accuracy", "field_shifts", "jet_samples", "logits_of"]

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


def field_shifts(events: Events) -> NDArray[np.int64]:
    """Shifts of the words that scale them down, shape (n_features,): as `feature_shifts`, but the same in all slots of a field.

    Otherwise a constituent would be another number in another slot, and no network could be blind to their order.
    """
    words, there, shifts, first = events.features(), presence(events), list[NDArray[np.int64]](), 0
    for item in events.schema.objects:
        n_fields = len(item.fields)
        of_object = slice(first, first + item.n_slots * n_fields)
        first = of_object.stop
        of_fields = feature_shifts(words[:, of_object].reshape(-1, n_fields), there[:, of_object].reshape(-1, n_fields))
        shifts.append(np.tile(of_fields, item.n_slots))
    return np.concatenate(shifts)


def logits_of(model: Any, words: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits (n, n_classes) of the Keras `model`."""
    return np.asarray(model.predict(words, batch_size=_BATCH, verbose=0))


def accuracy(classes: NDArray[np.int64], logits: NDArray[np.floating[Any]]) -> float:
    """Share of jets whose largest logit is that of their class; of equal ones the first counts."""
    return float((logits.argmax(axis=-1) == classes).mean())

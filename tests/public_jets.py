"""The public jets of the L1 jet identification (arXiv:2402.01876), 2,000 of five classes, as words of their constituents."""

from __future__ import annotations

from functools import cache
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l1ml.data.constituent_words import constituents_schema
from l1ml.data.jet_words import classes_of, jet_words
from l1ml.data.readers.jet_arrays import JETID_CLASSES, JETID_NAMES
from l1ml.data.readers.jet_constituents import iterate_jet_constituents
from l1ml.training.tagger.sample import JetSample

__all__ = ["public_jets", "with_error"]


@cache
def public_jets(folder: Path, slots: int) -> JetSample:
    """All of them as words of `slots` constituents."""
    jets, labels = (folder / f"{name}const_0000_1999.npy" for name in (f"x_test_{slots}", "y_test_8"))
    (given,) = iterate_jet_constituents(jets, names=JETID_NAMES, classes=JETID_CLASSES, labels=str(labels))
    words = jet_words(given, constituents_schema(slots))
    return JetSample(words.features().astype(np.float32), classes_of(words))


def with_error(right: NDArray[np.bool_]) -> dict[str, float]:
    """Accuracy and its binomial error, in per cent."""
    share = float(right.mean())
    return {"accuracy": 100 * share, "error": 100 * sqrt(share * (1 - share) / len(right))}

"""What a network of learned bits is trained for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError

__all__ = ["BitsTask"]

Floats = NDArray[np.floating[Any]]
Figure = Callable[[NDArray[Any], Floats], float]


@dataclass(frozen=True, slots=True, eq=False)
class BitsTask:
    """Samples, loss and the figures that count.

    Parameters
    ----------
    inputs, targets : ndarray, shapes (n, ...)
        To train on.
    validation : pair of ndarray
        Inputs and targets that choose among the networks.
    loss : str or callable
        A loss of Keras.
    quality : callable
        Of targets and outputs (arrays of the validation sample), the figure that counts; more is better.
    watch : callable, optional
        Of the same, a second figure that `learn_bits` keeps of each epoch; without it there is none.
    squared : bool
        Whether the outputs are squared behind the network, which takes bit operations, too.

    Raises
    ------
    DataError
        If a sample is empty or an input is no finite number.
    """

    inputs: Floats
    targets: NDArray[Any]
    validation: tuple[Floats, NDArray[Any]]
    loss: Any
    quality: Figure
    watch: Figure | None = None
    squared: bool = False

    def __post_init__(self) -> None:
        for name, inputs in (("training", self.inputs), ("validation", self.validation[0])):
            wrong = int((~np.isfinite(inputs)).sum())
            if not len(inputs) or wrong:
                msg = f"the {name} sample has {len(inputs)} crossings with {wrong} numbers that are NaN or infinite"
                raise DataError(msg)

    def quality_of(self, model: Any) -> float:
        """Quality of `model` on the validation sample."""
        return self.figures_of(model)[0]

    def figures_of(self, model: Any) -> tuple[float, float]:
        """Quality and second figure, NaN if there is none, of `model` on the validation sample."""
        inputs, targets = self.validation
        outputs = np.asarray(model.predict(inputs, batch_size=8192, verbose=0))
        return float(self.quality(targets, outputs)), float("nan" if self.watch is None else self.watch(targets, outputs))

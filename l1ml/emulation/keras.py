"""The trained Keras model as an emulator: float arithmetic that must land on words exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.emulator import check_words, score_words
from l1ml.errors import BitMismatchError
from l1ml.model import TriggerModel

__all__ = ["KerasEmulator"]

_BATCH = 16384


class KerasEmulator:
    """Score words of the ``.keras`` file of a `TriggerModel`.

    Layer by layer, not as a compiled graph: TensorFlow's graph optimiser sums in another order, and where a quantiser follows a
    function such as exp, ``x + (q(x) - x)`` then misses q(x) by the last bits of a float32.
    """

    name = "keras"

    def __init__(self, model: TriggerModel) -> None:
        self.input_formats, self.output_format = model.input_formats, model.output_format
        self.n_outputs = model.network.n_outputs
        self._keras = model.keras()

    def predict(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """Score words, shape (n,) or (n, n_outputs), of input `words`, shape (n, n_features).

        Raises
        ------
        DataError
            If a word is outside its declared width.
        BitMismatchError
            If Keras gives a score that is no word of the output format: no rounding is applied to hide it.
        """
        check_words(words, self.input_formats)
        # the words on the link are the tensor of the model in C order
        tensors = words.astype(np.float32).reshape(len(words), *self._keras.input_shape[1:])
        values = np.empty((len(words), self.n_outputs))
        for start in range(0, len(words), _BATCH):
            rows = slice(start, start + _BATCH)
            # Keras hands an input on in the structure that the model was built with
            batch = [tensors[rows]] if isinstance(self._keras.input, list) else tensors[rows]
            values[rows] = np.asarray(self._keras(batch, training=False)).reshape(-1, self.n_outputs)
        scores = self.output_format.to_words(values)
        wrong = self.output_format.from_words(scores) != values
        if wrong.any():
            first, output = (int(index[0]) for index in np.nonzero(wrong))
            what = f"Keras gives {float(values[first, output])!r} for crossing {first}"
            msg = f"{what}: no word of {self.output_format} ({int(wrong.sum())} such words)"
            raise BitMismatchError(msg)
        return score_words(scores)

"""The batches of a training, put together once: every epoch has the same ones, in the same order.

Keras draws the order of the samples from the seed each time that it begins an epoch, so that it is one order, and gathers the
samples of each batch again and again. Here they are gathered before the first epoch, and a batch is a view of what lies there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import DataError

__all__ = ["epoch_batches", "fit_arguments", "order_of_keras"]


def fit_arguments(arrays: Sequence[NDArray[Any]], size: int) -> dict[str, Any]:
    """What ``model.fit`` is given to train on `arrays`, inputs, targets and perhaps weights, in batches of `size`.

    Raises
    ------
    DataError
        As `epoch_batches`.
    """
    if require("keras").backend.backend() == "tensorflow":
        return {"x": epoch_batches(arrays, size), "shuffle": False}
    names = ("x", "y", "sample_weight")
    return {**dict(zip(names, arrays, strict=False)), "batch_size": size}


def epoch_batches(arrays: Sequence[NDArray[Any]], size: int, *, shuffled: bool = True) -> Any:
    """The samples of `arrays` in batches, as ``model.fit`` takes them; the last batch has what is left.

    Parameters
    ----------
    arrays : sequence of ndarray, shapes (n, ...)
        Inputs, targets and, if there are any, weights.
    size : int
        Samples of a batch.
    shuffled : bool
        Whether they come in `order_of_keras`, or as they are.

    Returns
    -------
    tf.data.Dataset
        The same bits as ``model.fit(*arrays, batch_size=size, shuffle=shuffled)`` would draw after the same seed.

    Raises
    ------
    DataError
        If there are no samples, or the arrays have different numbers of them.
    """
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) != 1 or not lengths[0]:
        msg = f"a training needs one or more samples, as many in each array; received {lengths}"
        raise DataError(msg)
    rows = order_of_keras(lengths[0]) if shuffled else slice(None)
    return _dataset([np.ascontiguousarray(array[rows]) for array in arrays], size)


def order_of_keras(n: int) -> NDArray[np.int64]:
    """Order in which ``model.fit`` shows `n` samples, in every epoch after the present seed of TensorFlow, shape (n,)."""
    tensorflow = require("tensorflow")

    def permutation(_: Any) -> Any:
        # the seed of the second operation is that of its number in this graph, so that the first one is needed
        return tensorflow.random.shuffle(tensorflow.range(n, dtype=tensorflow.int64))

    (order,) = tensorflow.data.Dataset.range(1).map(permutation)
    found: NDArray[np.int64] = order.numpy()
    return found


def _dataset(arrays: Sequence[NDArray[Any]], size: int) -> Any:
    """Views of whole batches, one after the other, and of the rest."""
    data = require("tensorflow").data
    n_whole = len(arrays[0]) // size
    whole = tuple(array[: n_whole * size].reshape(n_whole, size, *array.shape[1:]) for array in arrays)
    rest = tuple(array[n_whole * size :] for array in arrays)
    found = data.Dataset.from_tensor_slices(whole)
    if len(rest[0]):
        found = found.concatenate(data.Dataset.from_tensors(rest))
    options = data.Options()
    # nothing is computed here: no thread of its own, no rewriting of a graph
    options.experimental_optimization.apply_default_optimizations = False
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 1
    return found.with_options(options)

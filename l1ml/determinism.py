"""Trainings that repeat themselves: the same seed, the same sums, on a machine with any number of cores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from l1ml._optional import require

__all__ = ["fix_sums", "graphs_as_written", "seed_everything"]


def fix_sums() -> None:
    """Fix the order in which the backend of Keras adds; JAX and torch have one on a processor, TensorFlow must be told.

    Once TensorFlow has run an operation, the number of its threads is fixed and stays as it is.
    """
    if require("keras").backend.backend() == "tensorflow":
        config = require("tensorflow").config
        config.experimental.enable_op_determinism()
        # the order of a sum depends on how many threads share it
        with suppress(RuntimeError):
            config.threading.set_intra_op_parallelism_threads(1)


def seed_everything(seed: int) -> None:
    """`fix_sums`, and the random numbers of Python, numpy and Keras from `seed`."""
    require("keras").utils.set_random_seed(seed)
    fix_sums()


@contextmanager
def graphs_as_written() -> Iterator[None]:
    """What TensorFlow compiles meanwhile it runs as it was written, and not as its graph optimiser rewrites it.

    Of rewritings that are equal but for rounding the optimiser takes one by the addresses of its nodes: where gradients have
    several parts, two or three of a hundred compilations of one and the same graph differ in the last bit (TensorFlow 2.21).
    """
    if require("keras").backend.backend() != "tensorflow":
        yield
        return
    optimizer = require("tensorflow").config.optimizer
    before = bool(optimizer.get_experimental_options().get("disable_meta_optimizer", False))
    optimizer.set_experimental_options({"disable_meta_optimizer": True})
    try:
        yield
    finally:
        optimizer.set_experimental_options({"disable_meta_optimizer": before})

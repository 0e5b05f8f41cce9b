"""Trainings that repeat themselves: the same seed, the same sums, on a machine with any number of cores."""

from __future__ import annotations

from contextlib import suppress

from l1ml._optional import require

__all__ = ["fix_sums", "seed_everything"]


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

"""Learning bits under a limit: the best network that a training passes within so many effective bit operations, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from l1ml.progress import SILENT, Progress
from l1ml.training.bits.config import BitsConfig
from l1ml.training.bits.cost import count_bit_operations
from l1ml.training.bits.learning import learn_bits, settle
from l1ml.training.bits.task import BitsTask
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.fitting import Fit

__all__ = ["Limited", "learn_within"]


@dataclass(frozen=True, slots=True, eq=False)
class Limited:
    """A Keras model of fixed formats, how it was trained, and its effective bit operations."""

    network: Any
    fit: Fit
    bit_operations: int


def learn_within(
    network: Any,
    task: BitsTask,
    config: BitsConfig,
    limit: int,
    *,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> Limited:
    """`learn_bits`, then `settle` the best network that frozen has at most `limit` effective bit operations; it keeps to them.

    Each of the two trainings has a file beside `checkpoint` until both are done.

    Raises
    ------
    ConversionError
        If a layer has no learned bits where it needs them.
    DataError
        If no network is within the limit, or the loss is no number any more.
    """
    files = [None if checkpoint is None else checkpoint.beside(name) for name in ("bits", "settling")]
    front = learn_bits(network, task, config, progress=progress, checkpoint=files[0])
    point = front.best_within(limit)
    frozen = settle(network, point, task, config, limit=limit, progress=progress, checkpoint=files[1])
    for file in files:
        if file is not None:
            file.remove()
    losses = {"loss": front.losses, "val_loss": front.watched}
    return Limited(frozen, Fit(losses, point.epoch), count_bit_operations(frozen, squared=task.squared))

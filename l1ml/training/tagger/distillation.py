"""Soft labels: what a teacher finds likely tells a small network more of each jet than the class that it came from.

G. Hinton, O. Vinyals, J. Dean, arXiv:1503.02531, section 2: the student's loss is a cross-entropy with the classes, and one with
the teacher's probabilities where the logits of both are divided by a temperature T; its gradients fall as 1/T**2 and are
multiplied by as much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import ConfigError

__all__ = ["DistillationConfig", "distillation_loss", "soft_targets"]


@dataclass(frozen=True, slots=True)
class DistillationConfig:
    """How much a student listens to its teacher.

    Parameters
    ----------
    weight : float
        Share of the teacher in the loss, from 0 (none) to 1 (classes do not count).
    temperature : float
        Divides the logits of both; positive.

    Raises
    ------
    ConfigError
        If a number is out of its range.
    """

    weight: float = 0.0
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.weight <= 1:
            msg = f"the weight of the teacher must be in [0, 1], received {self.weight}"
            raise ConfigError(msg)
        if not self.temperature > 0:
            msg = f"the temperature must be positive, received {self.temperature}"
            raise ConfigError(msg)


def soft_targets(classes: NDArray[np.int64], teacher_logits: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """What `distillation_loss` compares with: one-hot classes beside the teacher's logits, shape (n, 2 n_classes)."""
    one_hot = np.eye(teacher_logits.shape[1], dtype=np.float32)[classes]
    return np.concatenate([one_hot, teacher_logits.astype(np.float32)], axis=1)


def distillation_loss(config: DistillationConfig) -> Callable[[Any, Any], Any]:
    """Loss of a batch of `soft_targets` and student logits, shape (n,)."""
    ops = require("keras").ops
    weight, temperature = config.weight, config.temperature

    def loss(targets: Any, logits: Any) -> Any:
        one_hot, teacher = ops.split(targets, 2, axis=-1)
        hard = -ops.sum(one_hot * ops.log_softmax(logits), axis=-1)
        wanted = ops.softmax(teacher / temperature)
        soft = -ops.sum(wanted * ops.log_softmax(logits / temperature), axis=-1)
        return (1.0 - weight) * hard + weight * temperature**2 * soft

    return loss

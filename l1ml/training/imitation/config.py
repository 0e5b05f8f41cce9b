"""What a recipe says about the bits that a network learns after it has been trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from l1ml.errors import ConfigError
from l1ml.training.config import TrainingConfig

__all__ = ["ImitationConfig", "of_fixed_formats"]


@dataclass(frozen=True, slots=True)
class ImitationConfig:
    """A second training, in which the network of the first one learns fewer bits and keeps its score.

    Parameters
    ----------
    limit : int
        Effective bit operations of the network that is kept, as it is frozen, squares included: the best one within them.
    teachers : int
        Trainings of the recipe's own kind, each with a seed of its own (`l1ml.training.imitation.teachers.teacher_seed`). The
        student begins as the first one and learns the mean of the logarithms of their scores.
    granularity : str
        What has bits of its own, one of `l1ml.training.bits.learned_bits.GRANULARITIES`.
    rounding : str
        Of activations, one of `l1ml.model.channel_quantiser.ROUNDINGS`; cutting bits off costs no logic.
    epochs, batch_size, learning_rate, warm_up, first_price, last_price, bit_price, settle_epochs
        As `l1ml.training.bits.BitsConfig`.

    Raises
    ------
    ConfigError
        If the limit or the number of teachers is not positive. The other numbers are judged when the training starts.
    """

    limit: int = 2000
    teachers: int = 1
    granularity: str = "weight"
    rounding: str = "down"
    epochs: int = 100
    batch_size: int = 1024
    learning_rate: float = 0.003
    warm_up: int = 10
    first_price: float = 1e-6
    last_price: float = 1e-4
    bit_price: float = 2e-6
    settle_epochs: int = 20

    def __post_init__(self) -> None:
        if self.limit < 1:
            msg = f"the limit of effective bit operations must be at least 1, received {self.limit}"
            raise ConfigError(msg)
        if self.teachers < 1:
            msg = f"a student has at least 1 teacher, received teachers = {self.teachers}; without [training.bits] it needs none"
            raise ConfigError(msg)


def of_fixed_formats(training: TrainingConfig) -> TrainingConfig:
    """`training` without the second one: its network keeps the formats that it has been trained in."""
    changes: dict[str, Any] = {"bits": None} if isinstance(getattr(training, "bits", None), ImitationConfig) else {}
    return replace(training, **changes)

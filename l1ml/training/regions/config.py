"""What a recipe says about an autoencoder of regions and its student."""

from __future__ import annotations

from dataclasses import dataclass, field

from l1ml.data import EventSchema
from l1ml.data.calo_regions import CALO_SCHEMA
from l1ml.errors import ConfigError
from l1ml.training.config import TrainingConfig
from l1ml.training.tagger.config import LearnedBitsConfig

__all__ = ["RegionsConfig", "TeacherConfig"]


@dataclass(frozen=True, slots=True)
class TeacherConfig:
    """The autoencoder in floats.

    Parameters
    ----------
    filters : int
        Channels of its convolutions.
    latent : int
        Numbers that are left of each of three sectors of 120 degrees.
    epochs, batch_size, learning_rate : numbers
        Adam; the best epoch on the validation crossings counts.

    Raises
    ------
    ConfigError
        If a number is not positive.
    """

    filters: int = 16
    latent: int = 8
    epochs: int = 12
    batch_size: int = 256
    learning_rate: float = 0.002

    def __post_init__(self) -> None:
        if min(self.filters, self.latent, self.epochs, self.batch_size) < 1 or not self.learning_rate > 0:
            msg = f"all numbers of the teacher must be positive, received {self}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class RegionsConfig(TrainingConfig):
    """A student of few bits, which are learned: `quantisation`, `sparsity`, `pruning_epochs` and `patience` do not act.

    Parameters
    ----------
    hidden : tuple of int
        Widths of the student's dense layers.
    filters : int
        Channels of the student's convolution.
    turns : int
        Pictures that the student sees of each crossing, turned in phi by different angles; at most 18.
    mixtures : float
        For each picture so many more of two crossings at once, which are stranger than one.
    teacher : TeacherConfig
        The autoencoder.
    bits : LearnedBitsConfig, optional
        How the bits of the student are learned; without, there is a teacher and no student.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    filters: int = 4
    turns: int = 2
    mixtures: float = 0.5
    teacher: TeacherConfig = field(default_factory=TeacherConfig)
    bits: LearnedBitsConfig | None = field(default_factory=LearnedBitsConfig)

    def __post_init__(self) -> None:
        TrainingConfig.__post_init__(self)
        self._check_positive("filters", "turns")
        if self.turns > 18 or self.mixtures < 0:
            msg = f"turns are at most 18 and mixtures not negative, received {self.turns} and {self.mixtures}"
            raise ConfigError(msg)

    @property
    def schema(self) -> EventSchema:
        """Regions, beside what classical seeds need."""
        return CALO_SCHEMA

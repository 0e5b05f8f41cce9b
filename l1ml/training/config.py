"""What every recipe says about a network and its training, whatever its family."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from l1ml.data import LEVEL1_SCHEMA, EventSchema
from l1ml.errors import ConfigError, nearest
from l1ml.training.pruning import PruningSchedule
from l1ml.training.sample_kind import CROSSINGS, SampleKind

__all__ = ["QuantisationConfig", "TrainingConfig"]


@dataclass(frozen=True, slots=True)
class QuantisationConfig:
    """Widths in the convention of QKeras: `bits` counts the sign, `integer` does not.

    The input, the weights and the latent words are signed; the hidden activations are unsigned (rectified).
    """

    input_bits: int = 8
    input_integer: int = 4
    weight_bits: int = 6
    weight_integer: int = 1
    bias_bits: int = 8
    bias_integer: int = 3
    activation_bits: int = 8
    activation_integer: int = 3
    latent_bits: int = 9
    latent_integer: int = 5


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """What the families share: hidden layers, schedule, pruning, split, seed.

    Parameters
    ----------
    seed : int
        Of weights, batches and sampling.
    hidden : tuple of int
        Widths of the quantised hidden layers.
    epochs, batch_size, learning_rate, patience : numbers
        Adam with early stopping.
    stop_on : str
        What the best epoch has the least or most of, one of `stops_on`: "loss" of validation, or a figure of the family.
    sparsity : float
        Share of the weights that is pruned to zero.
    pruning_epochs : int
        Epochs over which the share grows; early stopping begins after them.
    pruning : PruningSchedule
        How it grows.
    fractions : tuple of float
        Share of train, validation and test crossings; thresholds and rates use the test crossings only.
    n_golden : int
        Crossings kept beside the weights as golden words.
    quantisation : QuantisationConfig
        Number formats.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    sample: ClassVar[SampleKind] = CROSSINGS
    """What the family trains on."""

    stops_on: ClassVar[tuple[str, ...]] = ("loss",)
    """What the family can choose an epoch by."""

    seed: int = 1
    hidden: tuple[int, ...] = (32, 16)
    epochs: int = 60
    batch_size: int = 2048
    learning_rate: float = 0.004
    patience: int = 8
    stop_on: str = "loss"
    sparsity: float = 0.5
    pruning_epochs: int = 20
    pruning: PruningSchedule = field(default_factory=PruningSchedule)
    fractions: tuple[float, ...] = (0.4, 0.1, 0.5)
    n_golden: int = 500
    quantisation: QuantisationConfig = field(default_factory=QuantisationConfig)

    def __post_init__(self) -> None:
        if not 0 <= self.sparsity < 1:
            msg = f"sparsity must be in [0, 1), received {self.sparsity}"
            raise ConfigError(msg)
        if len(self.fractions) != 3:
            msg = f"fractions are those of train, validation and test, received {list(self.fractions)}"
            raise ConfigError(msg)
        if self.sparsity:
            self.pruning.check(self.sparsity, self.pruning_epochs)
        if self.stop_on not in self.stops_on:
            msg = f"no epoch of this family is chosen by stop_on = {self.stop_on!r}; {nearest(self.stop_on, self.stops_on)}"
            raise ConfigError(msg)
        self._check_positive("epochs", "batch_size", "patience", "n_golden")

    @property
    def schema(self) -> EventSchema:
        """Words that the network reads."""
        return LEVEL1_SCHEMA

    def _check_positive(self, *names: str) -> None:
        for name in names:
            if getattr(self, name) < 1:
                msg = f"{name} must be at least 1, received {getattr(self, name)}"
                raise ConfigError(msg)

"""Which designs a scan tries: a grid over bits, widths, sparsity and clock around the recipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, get_args

from l1ml.conversion.config import ConversionConfig
from l1ml.errors import ConfigError, nearest
from l1ml.training.config import TrainingConfig
from l1ml.training.imitation import of_fixed_formats

__all__ = ["Design", "ScanConfig", "ScoreName"]

ScoreName = Literal["efficiency", "val_loss"]


@dataclass(frozen=True, slots=True)
class Design:
    """One point of the grid: how a network is trained and how it becomes firmware."""

    training: TrainingConfig
    conversion: ConversionConfig


@dataclass(frozen=True, slots=True)
class ScanConfig:
    """The table ``[scan]`` of model.toml; an axis that is not given stays at the recipe's value.

    Parameters
    ----------
    weight_bits, activation_bits : tuple of int
        Widths of weights and of hidden activations; their integer bits stay.
    hidden : tuple of tuple of int
        Widths of the hidden layers.
    sparsity : tuple of float
        Shares of weights that are pruned.
    clock_mhz : tuple of float
        Clocks of the RTL.
    epochs : int or None
        Epochs of each training, for a quick look; pruning takes at most the first half of them. None trains as the recipe does.
    score : {"efficiency", "val_loss"}
        Figure of merit: mean efficiency of all signals at `rate_khz` of zero bias, or the validation loss.
    rate_khz : float
        Zero-bias rate at which efficiencies are compared.
    yosys : bool
        Whether Yosys counts each design too, which takes minutes each.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    weight_bits: tuple[int, ...] = ()
    activation_bits: tuple[int, ...] = ()
    hidden: tuple[tuple[int, ...], ...] = ()
    sparsity: tuple[float, ...] = ()
    clock_mhz: tuple[float, ...] = ()
    epochs: int | None = None
    score: str = "efficiency"
    rate_khz: float = 5.0
    yosys: bool = False

    def __post_init__(self) -> None:
        if self.score not in get_args(ScoreName):
            msg = f"a scan has no score {self.score!r}; {nearest(self.score, get_args(ScoreName))}"
            raise ConfigError(msg)
        if not self.rate_khz > 0:
            msg = f"rate_khz must be positive, received {self.rate_khz}"
            raise ConfigError(msg)
        if min((*self.weight_bits, *self.activation_bits), default=2) < 2:
            msg = f"weights and activations have at least 2 bits, received {self.weight_bits} and {self.activation_bits}"
            raise ConfigError(msg)
        if self.epochs is not None and self.epochs < 2:
            msg = f"a scan trains for at least 2 epochs, one of them after pruning; received {self.epochs}"
            raise ConfigError(msg)

    def designs(self, training: TrainingConfig, conversion: ConversionConfig) -> Iterator[Design]:
        """All points of the grid around a recipe, those of one training next to each other; formats are not learned."""
        training = of_fixed_formats(training)
        if self.epochs is not None:
            training = replace(training, epochs=self.epochs, pruning_epochs=min(training.pruning_epochs, self.epochs // 2))
        formats = training.quantisation
        for bits, active, hidden, sparsity, clock in product(
            self.weight_bits or (formats.weight_bits,),
            self.activation_bits or (formats.activation_bits,),
            self.hidden or (training.hidden,),
            self.sparsity or (training.sparsity,),
            self.clock_mhz or (conversion.clock_mhz,),
        ):
            own = replace(formats, weight_bits=bits, activation_bits=active)
            yield Design(
                replace(training, hidden=hidden, sparsity=sparsity, quantisation=own), replace(conversion, clock_mhz=clock)
            )

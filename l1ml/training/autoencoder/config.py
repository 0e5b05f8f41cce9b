"""What a recipe says about an autoencoder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from l1ml.errors import ConfigError
from l1ml.training.config import QuantisationConfig, TrainingConfig
from l1ml.training.imitation import ImitationConfig

__all__ = ["AutoencoderConfig", "AutoencoderFormats"]


@dataclass(frozen=True, slots=True)
class AutoencoderFormats(QuantisationConfig):
    """Formats of an autoencoder: those of every network, and of what is squared.

    The difference between a scaled word and its reconstruction is rounded to this signed format, saturating, before it is
    squared: the fewer bits, the less logic a square takes.
    """

    difference_bits: int = 6
    difference_integer: int = 4


@dataclass(frozen=True, slots=True)
class AutoencoderConfig(TrainingConfig):
    """Autoencoder on zero-bias crossings, all of it in firmware; `hidden` are the layers before the latent words.

    Parameters
    ----------
    latent : int
        Number of latent words.
    decoder : tuple of int
        Widths of the quantised layers between the latent words and the reconstruction.
    angles : bool
        Whether eta and phi are reconstructed and scored too. They are read in any case; in zero bias they are noise, which no
        latent space can hold, and their squares take logic.
    quantisation : AutoencoderFormats
        Number formats.
    bits : ImitationConfig, optional
        The trained network, or several of other seeds too, teaches one with learned bits, which is what goes into firmware.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    stops_on: ClassVar[tuple[str, ...]] = ("loss", "merged", "scaled")

    latent: int = 4
    decoder: tuple[int, ...] = (16,)
    angles: bool = False
    quantisation: AutoencoderFormats = field(default_factory=AutoencoderFormats)
    bits: ImitationConfig | None = None

    def __post_init__(self) -> None:
        TrainingConfig.__post_init__(self)
        self._check_positive("latent")
        if self.quantisation.difference_bits < 2:
            msg = f"difference_bits must be at least 2, a sign and a digit; received {self.quantisation.difference_bits}"
            raise ConfigError(msg)

"""What a recipe says about a variational autoencoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from l1ml.training.config import TrainingConfig
from l1ml.training.imitation import ImitationConfig

__all__ = ["VaeConfig"]


@dataclass(frozen=True, slots=True)
class VaeConfig(TrainingConfig):
    """Variational autoencoder on zero-bias crossings; `hidden` are the encoder's layers before the latent means.

    Parameters
    ----------
    latent : int
        Number of latent means.
    decoder : tuple of int
        Widths of the float decoder layers.
    beta : float
        Weight of the Kullback-Leibler term against the reconstruction.
    angle_weight : float
        Weight of eta and phi in the reconstruction, where pt has one: angles of zero bias are noise, and a latent space that
        spends itself on them does not see energy.
    width_floor : float
        Smallest width, in counts, by which a feature is standardised for the loss: bounds the pull of the rarest objects.
    bits : ImitationConfig, optional
        The trained network, or several of other seeds too, teaches one with learned bits, which is what goes into firmware.
    """

    stops_on: ClassVar[tuple[str, ...]] = ("loss", "merged", "scaled")

    latent: int = 8
    decoder: tuple[int, ...] = (16, 32)
    beta: float = 0.05
    angle_weight: float = 0.05
    width_floor: float = 2.0
    bits: ImitationConfig | None = None

    def __post_init__(self) -> None:
        TrainingConfig.__post_init__(self)
        self._check_positive("latent")

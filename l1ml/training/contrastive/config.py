"""What a recipe says about contrastive features and the autoencoder behind them."""

from __future__ import annotations

from dataclasses import dataclass, field

from l1ml.errors import ConfigError
from l1ml.training.config import QuantisationConfig, TrainingConfig

__all__ = ["ContrastiveConfig", "ContrastiveFormats"]


@dataclass(frozen=True, slots=True)
class ContrastiveFormats(QuantisationConfig):
    """Formats of every network, of the features between the two, and of what is squared.

    The difference between a feature and its reconstruction is rounded to this signed format, saturating, before it is squared.
    """

    feature_bits: int = 8
    feature_integer: int = 4
    difference_bits: int = 6
    difference_integer: int = 3


@dataclass(frozen=True, slots=True)
class ContrastiveConfig(TrainingConfig):
    """Features learned from two views of the same crossing, then an autoencoder of the features; zero bias alone, no labels.

    `hidden` are the layers between the words and the features. The schedule (`epochs`, `patience`, `pruning_epochs` and so on)
    holds for each of the two trainings. Early stopping of the first looks at the variance-invariance-covariance loss of the
    validation crossings, that of the second at the error of their reconstruction: a detector of the unknown has no signal to
    look at.

    Parameters
    ----------
    features : int
        Number of features.
    encoder, decoder : tuple of int
        Widths of the quantised layers of the autoencoder before and after its latent words.
    latent : int
        Number of latent words.
    projector : tuple of int
        Widths of the float layers on which the loss of the features is computed; they are not part of the model.
        Without any it is computed on the features themselves.
    invariance, variance, covariance : float
        Weights of the terms of the loss, in [0, inf); arXiv:2105.04906 has 25, 25, 1.
    weight_power : float
        Exponent of the natural weights of crossings while the features are trained, in [0, 1]: 1 is zero bias as it comes, where
        hard collisions are too rare for any feature to be about them, 0 the sample as it was generated. The autoencoder, which
        learns what is usual, always sees natural weights.
    views : int
        Views made of each crossing, two or more; each batch compares two of them.
    resolution : float
        Relative width by which a view smears each pt.
    soft_pt : float
        Objects below this many GeV may be lost in a view; 0 keeps them all.
    loss_probability : float
        Probability that a view loses a soft object, in [0, 1].
    quantisation : ContrastiveFormats
        Number formats.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    hidden: tuple[int, ...] = (29,)
    features: int = 10
    encoder: tuple[int, ...] = (9, 6)
    latent: int = 4
    decoder: tuple[int, ...] = (6, 9)
    projector: tuple[int, ...] = (32, 32)
    invariance: float = 25.0
    variance: float = 25.0
    covariance: float = 1.0
    weight_power: float = 1.0
    views: int = 8
    resolution: float = 0.1
    soft_pt: float = 15.0
    loss_probability: float = 0.2
    quantisation: ContrastiveFormats = field(default_factory=ContrastiveFormats)

    def __post_init__(self) -> None:
        TrainingConfig.__post_init__(self)
        self._check_positive("features", "latent")
        refusals = {
            f"views must be at least 2, received {self.views}: a loss compares two": self.views < 2,
            f"loss_probability must be in [0, 1], received {self.loss_probability}": not 0 <= self.loss_probability <= 1,
            f"resolution must be in [0, 1), received {self.resolution}": not 0 <= self.resolution < 1,
            f"weight_power must be in [0, 1], received {self.weight_power}": not 0 <= self.weight_power <= 1,
            f"soft_pt must not be negative, received {self.soft_pt}": not self.soft_pt >= 0,
            f"difference_bits must be at least 2, received {self.quantisation.difference_bits}": (
                self.quantisation.difference_bits < 2
            ),
        }
        for name in ("invariance", "variance", "covariance"):
            refusals[f"{name} must not be negative, received {getattr(self, name)}"] = not getattr(self, name) >= 0
        for message, is_wrong in refusals.items():
            if is_wrong:
                raise ConfigError(message)

"""Settings of what learns from joint labels, without Keras."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from l1ml.errors import ConfigError, nearest
from offline.density import Training
from offline.inference.networks.settings import check_common

__all__ = ["LOSSES", "GoldNetwork", "Loss", "ScoreNetwork"]


@dataclass(frozen=True, slots=True)
class Loss:
    """What a network of ratios is told.

    Parameters
    ----------
    ratio : str
        ``label`` (which of the two made an event), ``soft`` (with which probability) or ``square`` (the joint ratio itself).
    score : bool
        Whether the slope of the network is told the joint score, too.
    """

    ratio: str
    score: bool


LOSSES = {
    "carl": Loss("label", False),
    "rolr": Loss("square", False),
    "alice": Loss("soft", False),
    "cascal": Loss("label", True),
    "rascal": Loss("square", True),
    "alices": Loss("soft", True),
}
"""By the names of arXiv:1805.00020 and arXiv:1808.00973; `carl` uses no joint label and is what the others are compared with."""


@dataclass(frozen=True, slots=True)
class GoldNetwork:
    """Network of the logarithm of the ratio, of parameters and observation.

    Parameters
    ----------
    loss : str
        One of `LOSSES`.
    score_weight : float
        Of the squared error of the score, parameters in units of their spread in the prior, against the rest of the loss.
    widths : tuple of int
        Hidden layers.
    training : Training
        Schedule.
    held_out : float
        Share of the events that decide which pass was best.
    patience : int
        Passes without a better one after which training stops.
    members : int
        Networks of different starts, trained in one go; the logarithm of the ratio is their mean.
    bootstrap : bool
        Whether each of them has another sample.
    """

    loss: str = "alices"
    score_weight: float = 5.0
    widths: tuple[int, ...] = (64, 64)
    training: Training = field(default_factory=lambda: Training(updates=4000, batch_size=256, learning_rate=2e-3))
    held_out: float = 0.05
    patience: int = 20
    members: int = 1
    bootstrap: bool = False
    name: ClassVar[str] = "gold"

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            msg = f"there is no loss {self.loss!r}; {nearest(self.loss, LOSSES)}"
            raise ConfigError(msg)
        if self.score_weight <= 0:
            msg = f"the weight of the score must be positive, received {self.score_weight}"
            raise ConfigError(msg)
        check_common(self)


@dataclass(frozen=True, slots=True)
class ScoreNetwork:
    """Network of the score at one point of the parameters (SALLY, arXiv:1805.00020): the best observables near it.

    Parameters
    ----------
    widths, training, held_out, patience, members, bootstrap
        As in `GoldNetwork`.
    """

    widths: tuple[int, ...] = (64, 64)
    training: Training = field(default_factory=lambda: Training(updates=2000, batch_size=256, learning_rate=2e-3))
    held_out: float = 0.05
    patience: int = 20
    members: int = 1
    bootstrap: bool = False
    name: ClassVar[str] = "score"

    def __post_init__(self) -> None:
        check_common(self)

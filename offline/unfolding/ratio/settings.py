"""How a density ratio is learned."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError

__all__ = ["RatioSettings"]


@dataclass(frozen=True, slots=True)
class RatioSettings:
    """A regression, solved exactly, and a network for what it leaves.

    Parameters
    ----------
    hidden : tuple of int
        Units of the hidden layers; empty for the regression alone.
    objects : tuple of int
        Units of the layers that see one object at a time, where events have sets of them (`offline.unfolding.Objects`); the last
        ones are summed over the objects of an event and read by the hidden layers beside the quantities. Without sets of no
        consequence.
    epochs : int
        Passes over the training part; the learning rate falls to zero along half a cosine over all of them.
    batch : int
        Events in a step of the optimiser.
    learning_rate : float
        Of Adam, at the start.
    patience : int
        Epochs without a better validation loss after which a member keeps its best weights.
    validation : float
        Share of the events, by identity, that early stopping looks at; in (0, 1).
    members : int
        Networks with different starts, trained together; their ratios are averaged.
    quadratic : bool
        Whether the regression has x_i and x_i x_j, the exact logit of Gaussians.
    degree : int
        Highest Legendre polynomial of the rank of each quantity in the regression; 0 for none. They give marginals their shape.
    limit : float
        Largest absolute logarithm of the ratio of the normalised densities; beyond it an event counts as saturated.

    Raises
    ------
    ConfigError
        If a number is out of its range, or nothing is left to learn with.
    """

    hidden: tuple[int, ...] = (64, 64)
    objects: tuple[int, ...] = (32, 32)
    epochs: int = 30
    batch: int = 4096
    learning_rate: float = 2e-3
    patience: int = 6
    validation: float = 0.2
    members: int = 1
    quadratic: bool = True
    degree: int = 8
    limit: float = 10.0

    def __post_init__(self) -> None:
        counts = (*self.hidden, *self.objects, self.epochs, self.batch, self.patience, self.members)
        if min(counts) < 1 or not (0 < self.validation < 1 and self.learning_rate > 0 and self.limit > 0 and self.degree >= 0):
            msg = f"counts, learning_rate and limit must be positive, validation in (0, 1), degree not negative, received {self}"
            raise ConfigError(msg)
        if not self.objects:
            msg = "layers for objects must not be none: to unfold without objects, give events.columns_only()"
            raise ConfigError(msg)
        if not (self.hidden or self.quadratic or self.degree):
            msg = "a ratio without hidden layers, quadratic form and polynomials has nothing to learn with; give one of them"
            raise ConfigError(msg)

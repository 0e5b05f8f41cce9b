"""How bits are learned: a price that rises while the network trains."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError

__all__ = ["BitsConfig"]


@dataclass(frozen=True, slots=True)
class BitsConfig:
    """One training that passes through networks of many sizes, from dear to cheap.

    Parameters
    ----------
    seed : int
        Of batches.
    epochs : int
        Of the training in which bits are learned.
    warm_up : int
        Epochs at the first price, before it rises.
    batch_size, learning_rate : numbers
        Adam.
    annealed : bool
        The learning rate falls to zero on a cosine while bits are learned; else it stays as it is.
    first_price, last_price : float
        What an effective bit operation adds to the loss, first and last; it rises by the same factor each epoch.
    ramp : float
        Share of the epochs after the warm-up in which the price rises; then it holds, and networks of about one size get better.
    bit_price : float
        What one bit behind the point of any weight or activation adds to the loss.
    terms : tuple of int
        Terms that a sum may have, for each layer with weights, see `l1ml.training.bits.cost.BitOperations.excess`; empty: any.
    term_cost : float
        Effective bit operations that each term beyond them counts as.
    settle_epochs : int
        Epochs in which a chosen network trains on with its bits held, while the learning rate falls to zero on a cosine.
    pruned_stay : bool
        Weights that are zero when a network begins to settle stay zero. Held bits alone do not hold them: a weight may grow to
        more than half of its last bit, and then its sum has a term more, which nothing makes dear any longer.

    Raises
    ------
    ConfigError
        If a number is out of its range.
    """

    seed: int = 1
    epochs: int = 200
    warm_up: int = 20
    batch_size: int = 1024
    learning_rate: float = 0.003
    annealed: bool = False
    first_price: float = 1e-7
    last_price: float = 1e-4
    ramp: float = 1.0
    bit_price: float = 2e-6
    terms: tuple[int, ...] = ()
    term_cost: float = 10.0
    settle_epochs: int = 30
    pruned_stay: bool = False

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size"):
            if getattr(self, name) < 1:
                msg = f"{name} must be at least 1, received {getattr(self, name)}"
                raise ConfigError(msg)
        if not 0 < self.first_price <= self.last_price:
            msg = f"prices must rise from above 0, received {self.first_price} to {self.last_price}"
            raise ConfigError(msg)
        if min(self.terms, default=1) < 1:
            msg = f"a sum must be allowed at least one term, received {list(self.terms)}"
            raise ConfigError(msg)
        if not 0 <= self.warm_up < self.epochs:
            msg = f"warm_up must be in [0, epochs = {self.epochs}), received {self.warm_up}"
            raise ConfigError(msg)
        if not 0 < self.ramp <= 1:
            msg = f"ramp must be in (0, 1], received {self.ramp}"
            raise ConfigError(msg)

    def price(self, epoch: int) -> float:
        """Price of an effective bit operation in `epoch`, from 0.

        Examples
        --------
        >>> config = BitsConfig(epochs=5, warm_up=1, first_price=1e-6, last_price=1e-3)
        >>> [f"{config.price(epoch):.0e}" for epoch in range(5)]
        ['1e-06', '1e-06', '1e-05', '1e-04', '1e-03']
        """
        rising = self.ramp * (self.epochs - 1 - self.warm_up)
        share = min(max(epoch - self.warm_up, 0) / max(rising, 1), 1)
        return float(self.first_price * (self.last_price / self.first_price) ** share)

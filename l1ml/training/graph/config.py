"""What a recipe says about an interaction network on hits."""

from __future__ import annotations

from dataclasses import dataclass, field

from l1ml.errors import ConfigError
from l1ml.training.config import QuantisationConfig

__all__ = ["InteractionConfig"]


@dataclass(frozen=True, slots=True)
class InteractionConfig:
    """A small interaction network: messages along edges, summed at each hit, then one score for each hit.

    Parameters
    ----------
    messages : int
        Words of a message.
    hidden : int
        Words of the hidden layer of each hit.
    rounds : int
        How often messages go out; the second time they carry what the hits have learned from the first.
    time_bits : int
        Width of the drift-time words.
    quantisation : QuantisationConfig
        Number formats; `input` is that of the scaled times, the score leaves in that of the latent words.

    Raises
    ------
    ConfigError
        If a number is not at least 1.
    """

    messages: int = 4
    hidden: int = 8
    rounds: int = 1
    time_bits: int = 5
    quantisation: QuantisationConfig = field(
        default_factory=lambda: QuantisationConfig(
            input_bits=6, input_integer=0, weight_bits=4, weight_integer=1, bias_bits=4, bias_integer=1,
            activation_bits=4, activation_integer=2, latent_bits=8, latent_integer=4,
        )
    )  # fmt: skip

    def __post_init__(self) -> None:
        for name in ("messages", "hidden", "rounds", "time_bits"):
            if getattr(self, name) < 1:
                msg = f"{name} must be at least 1, received {getattr(self, name)}"
                raise ConfigError(msg)

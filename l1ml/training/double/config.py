"""What a recipe says about two decorrelated autoencoders."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError
from l1ml.training.autoencoder import AutoencoderConfig

__all__ = ["DoubleConfig"]


@dataclass(frozen=True, slots=True)
class DoubleConfig(AutoencoderConfig):
    """Two autoencoders of the shape that `AutoencoderConfig` describes, on the same words.

    Parameters
    ----------
    batch_size : int
        Crossings whose distances are compared with each other, all of them with all: as many as in arXiv:2111.06417.
    decorrelation : float
        Weight of the squared distance correlation of the two scores beside their mean reconstruction errors; 0 trains two
        autoencoders that know nothing of each other.
    closure : float
        Weight of how far the background estimate from both scores is from closing, see `l1ml.training.double.closure`.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    batch_size: int = 10_000
    decorrelation: float = 1.0
    closure: float = 0.0

    def __post_init__(self) -> None:
        AutoencoderConfig.__post_init__(self)
        if self.bits is not None:
            msg = "the family 'double_autoencoder' has two scores and learns no bits; leave [training.bits] out"
            raise ConfigError(msg)
        for name in ("decorrelation", "closure"):
            if not getattr(self, name) >= 0:
                msg = f"{name} is the weight of a loss, 0 or more; received {getattr(self, name)}"
                raise ConfigError(msg)

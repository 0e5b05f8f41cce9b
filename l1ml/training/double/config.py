"""What a recipe says about two decorrelated autoencoders."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError, nearest
from l1ml.training.autoencoder import AutoencoderConfig
from l1ml.training.double.sharing_config import SharingConfig

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
    scored : tuple of tuple of str
        Objects that the first and that the second autoencoder reconstructs; all of them, both, if empty. Both read all words.
    sharing : SharingConfig, optional
        Tables behind both, which make two independent scores of the two errors, see `l1ml.training.double.sharing_tables`.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    batch_size: int = 10_000
    decorrelation: float = 1.0
    scored: tuple[tuple[str, ...], ...] = ()
    sharing: SharingConfig | None = None

    def __post_init__(self) -> None:
        AutoencoderConfig.__post_init__(self)
        if self.bits is not None:
            msg = "the family 'double_autoencoder' has two scores and learns no bits; leave [training.bits] out"
            raise ConfigError(msg)
        if not self.decorrelation >= 0:
            msg = f"decorrelation is the weight of a loss, 0 or more; received {self.decorrelation}"
            raise ConfigError(msg)
        self._check_scored()

    def _check_scored(self) -> None:
        if self.scored and (len(self.scored) != 2 or not all(self.scored)):
            received = [list(part) for part in self.scored]
            msg = f"scored names the objects of two autoencoders, at least one each; received {received}"
            raise ConfigError(msg)
        known = [item.name for item in self.schema.objects]
        for name in (name for part in self.scored for name in part):
            if name not in known:
                msg = f"scored: the words {self.schema.name!r} have no object {name!r}; {nearest(name, known)}"
                raise ConfigError(msg)

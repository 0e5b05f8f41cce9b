"""How often bunches cross: what turns fractions of crossings into kHz."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.data.ugt_crossings import N_CROSSINGS
from l1ml.errors import ConfigError

__all__ = ["CrossingRate"]


@dataclass(frozen=True, slots=True)
class CrossingRate:
    """Rate of crossings with collisions.

    Parameters
    ----------
    n_bunches : int
        Colliding bunch pairs of one orbit, 1 to 3564.
    f_rev_hz : float
        Revolution frequency of the LHC.
    """

    n_bunches: int = 2760
    f_rev_hz: float = 11245.6

    def __post_init__(self) -> None:
        if not 1 <= self.n_bunches <= N_CROSSINGS or not self.f_rev_hz > 0:
            received = f"received {self.n_bunches} and {self.f_rev_hz}"
            msg = f"n_bunches must be 1 to {N_CROSSINGS} and f_rev_hz positive, {received}"
            raise ConfigError(msg)

    @property
    def khz(self) -> float:
        """Crossings with collisions per second, in kHz."""
        return self.n_bunches * self.f_rev_hz / 1000.0

"""Which replicas an unfolding is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from l1ml.errors import ConfigError
from offline.unfolding.sample import Simulation
from offline.unfolding.spectrum import SYSTEMATIC

__all__ = ["Uncertainties"]


@dataclass(frozen=True, slots=True)
class Uncertainties:
    """How often an unfolding is done again, and with what varied.

    Parameters
    ----------
    data, mc : int
        Poisson bootstraps of the measured and of the simulated events; 0 or at least 2. With k of them an error is known to
        1 / sqrt(2 (k - 1)), that is 10 % for 50.
    ensemble : int
        Fits from other random starts; 0 or at least 2. A method that draws nothing has no use for them.
    systematics : mapping of str to Simulation
        The simulation with another detector, by name. Two-sided ones are two entries whose names end in ``.up`` and ``.down``.

    Raises
    ------
    ConfigError
        If a number is negative, or one: one draw has no spread; if two systematics are the same side of one.
    """

    data: int = 50
    mc: int = 50
    ensemble: int = 10
    systematics: Mapping[str, Simulation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind in ("data", "mc", "ensemble"):
            n = getattr(self, kind)
            if n < 0 or n == 1:
                msg = f"number of {kind} replicas must be 0 or 2 and more (one has no spread), received {n}"
                raise ConfigError(msg)
        self.variations()

    def replicas(self) -> list[tuple[str, int]]:
        """Kind and index of every replica, in the order that a result holds them."""
        drawn = [(kind, index) for kind in ("data", "mc", "ensemble") for index in range(getattr(self, kind))]
        return drawn + list(self.variations())

    def variations(self) -> dict[tuple[str, int], str]:
        """Name in `systematics` of each shifted replica, by its kind and index: up is 0, down is 1."""
        found: dict[tuple[str, int], str] = {}
        for name in self.systematics:
            stem, _, side = name.rpartition(".")
            two_sided = stem and side in {"up", "down"}
            key = (f"{SYSTEMATIC}{stem}", int(side == "down")) if two_sided else (f"{SYSTEMATIC}{name}", 0)
            if key in found:
                msg = f"systematics {found[key]!r} and {name!r} are both {key[0]} {key[1]}: give them different names"
                raise ConfigError(msg)
            found[key] = name
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"data": self.data, "mc": self.mc, "ensemble": self.ensemble, "systematics": sorted(self.systematics)}

"""What a replay costs: from the time that some crossings took to the cores and hours of a long run.

Partitions share nothing but files, and their sums are put together in milliseconds each. So the cost is core seconds::

    core hours = crossings / (crossings a second and core) / 3600        hours = core hours / cores

A day of zero bias is taken as 10^10 crossings.  Every run of ``l1ml menu rates`` says at its end what it and a day take: measure
on a sample of the files that are meant, with the menu and networks that are meant, on a machine of the cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError

__all__ = ["DAY", "ReplayCost"]

DAY = 10**10
"""Crossings of a day of zero bias."""

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class ReplayCost:
    """Time that crossings took.

    Parameters
    ----------
    crossings : int
        How many.
    core_seconds : float
        Processor time of all workers, without the loading of menu and networks.

    Examples
    --------
    >>> cost = ReplayCost(1_000_000, 20.0)
    >>> cost.per_core_second, round(cost.core_hours(), 1), round(cost.hours(cores=64), 2)
    (50000.0, 55.6, 0.87)
    """

    crossings: int
    core_seconds: float

    @property
    def per_core_second(self) -> float:
        """Crossings a second and core.

        Raises
        ------
        ConfigError
            If nothing was measured.
        """
        if self.crossings < 1 or not self.core_seconds > 0:
            msg = f"{self.crossings} crossings in {self.core_seconds:g} core seconds measure nothing; run over some"
            raise ConfigError(msg)
        return self.crossings / self.core_seconds

    def core_hours(self, crossings: int = DAY) -> float:
        """Core hours of so many crossings like these."""
        return crossings / self.per_core_second / _HOUR

    def hours(self, crossings: int = DAY, *, cores: int) -> float:
        """Hours of so many crossings like these on `cores` like this one.

        Raises
        ------
        ConfigError
            If there is no core, or nothing was measured.
        """
        if cores < 1:
            msg = f"a run needs cores, received {cores}"
            raise ConfigError(msg)
        return self.core_hours(crossings) / cores

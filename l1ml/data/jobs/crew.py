"""Who does the jobs: this process, several local ones, or a Dask cluster."""

from __future__ import annotations

from l1ml.data.jobs.dask_workers import DaskWorkers
from l1ml.data.jobs.workers import Workers
from l1ml.errors import ConfigError

__all__ = ["ALONE", "Crew", "crew_of"]

Crew = Workers | DaskWorkers

ALONE = Workers(1)
"""This process; it need not be entered."""


def crew_of(workers: int = 1, scheduler: str | None = None) -> Crew:
    """The workers of the Dask cluster whose scheduler has the address `scheduler`, else `workers` local processes.

    Raises
    ------
    ConfigError
        If `workers` is less than one.

    Examples
    --------
    >>> from l1ml.progress import SILENT
    >>> with crew_of(1) as crew:
    ...     crew.run("nothing", [], SILENT)
    """
    if workers < 1:
        msg = f"workers must be 1 or more, received {workers}"
        raise ConfigError(msg)
    return Workers(workers) if scheduler is None else DaskWorkers(scheduler)

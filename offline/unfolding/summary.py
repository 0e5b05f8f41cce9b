"""An unfolded result in a few numbers: yield, means and standard deviations, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from offline.unfolding.diagnostics.coverage import Quantity, mean_of, spread_of
from offline.unfolding.inputs import Inputs
from offline.unfolding.spectrum import SYSTEMATIC
from offline.unfolding.unfolded import Unfolded

__all__ = ["Entry", "Summary", "summary_of"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One number of a distribution.

    Parameters
    ----------
    name : str
        What it is.
    before, after : float
        In the simulation, which is what the unfolding starts from, and unfolded.
    error : float, optional
        From all replicas, added in quadrature by kind.
    truth : float, optional
        Of pseudo-data.
    """

    name: str
    before: float
    after: float
    error: float | None
    truth: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A result in a few numbers."""

    method: str
    total: float
    effective: float
    entries: tuple[Entry, ...]

    columns = ("", "simulated", "unfolded", "error", "truth")

    def rows(self) -> Iterator[Sequence[Any]]:
        """Rows of a table."""
        for entry in self.entries:
            yield entry.name, entry.before, entry.after, entry.error, entry.truth
        yield "effective events", None, self.effective, None, None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        entries = [{name: getattr(entry, name) for name in Entry.__slots__} for entry in self.entries]
        return {"method": self.method, "total": self.total, "effective": self.effective, "entries": entries}


def summary_of(unfolded: Unfolded, inputs: Inputs) -> Summary:
    """Yield, means and standard deviations of `unfolded`, beside those of the simulation and of the truth, where it is known."""
    statistics: dict[str, Quantity] = {"yield": lambda _, weight: float(weight.sum())}
    for column, name in enumerate(unfolded.names):
        statistics[f"mean of {name}"] = mean_of(column)
        statistics[f"standard deviation of {name}"] = spread_of(column)
    entries = tuple(_entry(name, statistic, unfolded, inputs) for name, statistic in statistics.items())
    return Summary(unfolded.method, unfolded.total, unfolded.effective, entries)


def _entry(name: str, statistic: Quantity, unfolded: Unfolded, inputs: Inputs) -> Entry:
    mc, nature = inputs.mc, inputs.nature
    return Entry(
        name,
        statistic(mc.gen[mc.pass_gen], mc.weight[mc.pass_gen]),
        statistic(unfolded.gen, unfolded.weight),
        _error(statistic, unfolded),
        None if nature is None else statistic(nature.gen[nature.pass_gen], nature.weight[nature.pass_gen]),
    )


def _error(statistic: Quantity, unfolded: Unfolded) -> float | None:
    """Spread of the draws of each kind, root mean square of the shifts of each systematic, in quadrature."""
    values: dict[str, list[float]] = {}
    for replica in unfolded.replicas:
        own = unfolded.gen if replica.gen is None else replica.gen
        values.setdefault(replica.kind, []).append(statistic(own, replica.weight))
    if not values:
        return None
    nominal = statistic(unfolded.gen, unfolded.weight)
    squares = [
        float(np.mean(np.square(np.subtract(found, nominal)))) if kind.startswith(SYSTEMATIC) else float(np.var(found, ddof=1))
        for kind, found in values.items()
    ]
    return float(np.sqrt(sum(squares)))

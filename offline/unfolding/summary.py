"""An unfolded result in a few numbers: yield, means and standard deviations, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from offline.unfolding.inputs import Inputs
from offline.unfolding.quantities import Mean, Quantity, Spread, Yield, errors_of, values_of
from offline.unfolding.sample import Simulation
from offline.unfolding.unfolded import Unfolded

__all__ = ["Entry", "Summary", "summary_of", "usual_numbers"]


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


def usual_numbers(names: Sequence[str]) -> dict[str, Quantity]:
    """Yield, and mean and standard deviation of each of the quantities `names`."""
    numbers: dict[str, Quantity] = {"yield": Yield()}
    for column, name in enumerate(names):
        numbers |= {f"mean of {name}": Mean(column), f"standard deviation of {name}": Spread(column)}
    return numbers


def summary_of(unfolded: Unfolded, inputs: Inputs) -> Summary:
    """The usual numbers of `unfolded`, beside those of the simulation and of the truth, where it is known."""
    numbers = usual_numbers(unfolded.names)
    quantities = list(numbers.values())
    errors = errors_of(unfolded, quantities).tolist() if unfolded.replicas else [None] * len(quantities)
    truth = [None] * len(quantities) if inputs.nature is None else _at_generation(inputs.nature, quantities)
    columns = _at_generation(inputs.mc, quantities), values_of(unfolded.gen, unfolded.weight, quantities).tolist(), errors, truth
    entries = tuple(Entry(*row) for row in zip(numbers, *columns, strict=True))
    return Summary(unfolded.method, unfolded.total, unfolded.effective, entries)


def _at_generation(sample: Simulation, quantities: Sequence[Quantity]) -> list[Any]:
    """Numbers of the events that pass at generation."""
    return list(values_of(sample.gen[sample.pass_gen], sample.weight[sample.pass_gen], quantities).tolist())

"""Closure: the unfolded events against a truth that is known, quantity by quantity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from l1ml.errors import DataError
from offline.unfolding.diagnostics.energy import energy_distance_1d
from offline.unfolding.diagnostics.triangular import Triangular, bins_for, triangular
from offline.unfolding.diagnostics.wasserstein import wasserstein
from offline.unfolding.sample import FloatArray, Simulation
from offline.unfolding.unfolded import Unfolded

__all__ = ["Closure", "Distances", "closure"]


@dataclass(frozen=True, slots=True)
class Distances:
    """Two distributions of one quantity.

    Parameters
    ----------
    triangular : Triangular
        Triangular discriminator and its statistical floor.
    wasserstein, energy : float
        Wasserstein-1 and energy distance, in the unit of the quantity.
    """

    triangular: Triangular
    wasserstein: float
    energy: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"triangular": self.triangular.to_dict(), "wasserstein": self.wasserstein, "energy": self.energy}


@dataclass(frozen=True, slots=True)
class Closure:
    """One true quantity: the truth against the simulation (`before`) and against the unfolded result (`after`)."""

    quantity: str
    before: Distances
    after: Distances

    @property
    def gain(self) -> float:
        """Triangular discriminator before over after; above about before over its floor it is luck."""
        return self.before.triangular.value / max(self.after.triangular.value, 1e-300)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"quantity": self.quantity, "before": self.before.to_dict(), "after": self.after.to_dict(), "gain": self.gain}


def closure(unfolded: Unfolded, mc: Simulation, truth: Simulation, *, bins: int = 50) -> list[Closure]:
    """Every unfolded quantity against `truth`; shapes only, since all distances normalise.

    Raises
    ------
    DataError
        If the truth has other quantities.
    """
    if truth.gen_names != unfolded.names:
        msg = f"the truth has the quantities {list(truth.gen_names)}, the result {list(unfolded.names)}: they must be the same"
        raise DataError(msg)
    rows = []
    for index, quantity in enumerate(unfolded.names):
        true, weight = truth.gen[truth.pass_gen, index], truth.weight[truth.pass_gen]
        edges = bins_for(true, weight, bins)
        before = _distances(mc.gen[mc.pass_gen, index], mc.weight[mc.pass_gen], true, weight, edges)
        after = _distances(unfolded.gen[:, index], unfolded.weight, true, weight, edges)
        rows.append(Closure(quantity, before, after))
    return rows


def _distances(one: FloatArray, one_weight: FloatArray, two: FloatArray, two_weight: FloatArray, edges: FloatArray) -> Distances:
    return Distances(
        triangular(one, one_weight, two, two_weight, edges),
        wasserstein(one, one_weight, two, two_weight),
        energy_distance_1d(one, one_weight, two, two_weight),
    )

"""The unfolded distribution pushed through the detector again, to be compared with the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from offline.unfolding.diagnostics.separation import Sample, density_ratio
from offline.unfolding.diagnostics.triangular import Triangular, bins_for, triangular
from offline.unfolding.sample import FloatArray, Measured, Simulation
from offline.unfolding.unfolded import Unfolded

__all__ = ["FoldBack", "fold_back", "folded_weight", "gen_weight"]


@dataclass(frozen=True, slots=True)
class FoldBack:
    """One reconstructed quantity before and after unfolding, against the data.

    Parameters
    ----------
    quantity : str
        Its name.
    before, after : Triangular
        Of data and simulation, of data and the simulation with the unfolded weights.
    exact : bool
        Whether the weights are those of the unfolding; otherwise (methods that draw events) they come from a classifier.
    """

    quantity: str
    before: Triangular
    after: Triangular
    exact: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"quantity": self.quantity, "before": self.before.to_dict(), "after": self.after.to_dict(), "exact": self.exact}


def gen_weight(unfolded: Unfolded, mc: Simulation, weight: FloatArray | None = None) -> tuple[FloatArray, bool]:
    """Unfolded weights on the events of `mc` that pass at generation, shape (number of them,), and whether they are exact.

    Parameters
    ----------
    unfolded : Unfolded
        The result.
    mc : Simulation
        What it was unfolded with.
    weight : ndarray of float64, shape (n,), optional
        Other weights of its events, those of an iteration.
    """
    weight = unfolded.weight if weight is None else weight
    gen = mc.gen[mc.pass_gen]
    if np.array_equal(unfolded.event, mc.event[mc.pass_gen]) and np.array_equal(unfolded.gen, gen):
        return weight, True
    prior = mc.weight[mc.pass_gen]
    drawn = Sample(unfolded.gen, weight, unfolded.event)
    pushed = prior * density_ratio(drawn, Sample(gen, prior, mc.event[mc.pass_gen]))
    return pushed * weight.sum() / pushed.sum(), False


def folded_weight(pushed: FloatArray, mc: Simulation, data: Measured) -> FloatArray:
    """Weight that each event of `mc` is expected with at reconstruction, shape (n,); zero where it is not reconstructed.

    Parameters
    ----------
    pushed : ndarray of float64
        As `gen_weight` gives it.
    mc, data : Simulation, Measured
        Fakes are taken for the share of the data that they are of the simulation.
    """
    expected = np.zeros(mc.n)
    expected[mc.pass_gen] = pushed
    fakes = mc.pass_reco & ~mc.pass_gen
    expected[fakes] = mc.weight[fakes] * data.weight.sum() / mc.weight[mc.pass_reco].sum()
    return np.where(mc.pass_reco, expected, 0.0)


def fold_back(unfolded: Unfolded, mc: Simulation, data: Measured, *, bins: int = 50) -> list[FoldBack]:
    """Every reconstructed quantity of `data` against the simulation without and with the unfolded weights."""
    pushed, exact = gen_weight(unfolded, mc)
    seen = mc.pass_reco
    expected = folded_weight(pushed, mc, data)[seen]
    found = []
    for index, quantity in enumerate(data.names):
        edges = bins_for(data.reco[:, index], data.weight, bins)
        column, measured = mc.reco[seen, index], data.reco[:, index]
        before, after = (triangular(measured, data.weight, column, weight, edges) for weight in (mc.weight[seen], expected))
        found.append(FoldBack(quantity, before, after, exact))
    return found

"""What each iteration changes, and whether more of them would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from offline.unfolding.diagnostics.fold_back import folded_weight, gen_weight
from offline.unfolding.diagnostics.triangular import bins_for, triangular
from offline.unfolding.diagnostics.wasserstein import wasserstein
from offline.unfolding.sample import FloatArray, Measured, Simulation
from offline.unfolding.unfolded import Unfolded

__all__ = ["Convergence", "convergence"]


@dataclass(frozen=True, slots=True)
class Convergence:
    """Figures of each iteration, in lists of the length k.

    Parameters
    ----------
    total, effective : tuple of float
        Unfolded yield and effective number of events.
    change : mapping of str to tuple of float
        For each true quantity the Wasserstein distance to the iteration before (to the prior for the first), in standard
        deviations of the prior.
    fold_back : mapping of str to tuple of float
        For each reconstructed quantity the triangular discriminator of the data and the folded result.
    fold_back_floor : mapping of str to float
        What it would be by statistics alone after the last iteration.
    truth : mapping of str to tuple of float, optional
        For each true quantity the triangular discriminator to the truth, where that is known.
    """

    total: tuple[float, ...]
    effective: tuple[float, ...]
    change: dict[str, tuple[float, ...]]
    fold_back: dict[str, tuple[float, ...]]
    fold_back_floor: dict[str, float]
    truth: dict[str, tuple[float, ...]] | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        lists = {name: {key: list(row) for key, row in getattr(self, name).items()} for name in ("change", "fold_back")}
        truth = None if self.truth is None else {key: list(row) for key, row in self.truth.items()}
        floor = dict(self.fold_back_floor)
        return {"total": list(self.total), "effective": list(self.effective), **lists, "fold_back_floor": floor, "truth": truth}


def convergence(
    unfolded: Unfolded, mc: Simulation, data: Measured, truth: Simulation | None = None, *, bins: int = 50
) -> Convergence | None:
    """Of a result that holds its iterations on the events of `mc`; none for one that does not."""
    if unfolded.iterations is None or not gen_weight(unfolded, mc)[1]:
        return None
    weights, names = unfolded.iterations, unfolded.names
    prior = mc.weight[mc.pass_gen]
    folded = {name: _fold_back(weights, index, mc, data, bins) for index, name in enumerate(data.names)}
    return Convergence(
        total=tuple(float(weight.sum()) for weight in weights),
        effective=tuple(float(weight.sum() ** 2 / np.square(weight).sum()) for weight in weights),
        change={name: _changes(unfolded.column(name), prior, weights) for name in names},
        fold_back={name: values for name, (values, _) in folded.items()},
        fold_back_floor={name: floor for name, (_, floor) in folded.items()},
        truth=None if truth is None else {name: _to_truth(unfolded.column(name), weights, truth, name, bins) for name in names},
    )


def _changes(column: FloatArray, prior: FloatArray, weights: FloatArray) -> tuple[float, ...]:
    mean = np.average(column, weights=prior)
    scale = float(np.sqrt(np.average((column - mean) ** 2, weights=prior))) or 1.0
    before = [prior, *weights[:-1]]
    return tuple(wasserstein(column, old, column, new) / scale for old, new in zip(before, weights, strict=True))


def _fold_back(weights: FloatArray, index: int, mc: Simulation, data: Measured, bins: int) -> tuple[tuple[float, ...], float]:
    """Values of all iterations and the floor of the last one."""
    column, measured, seen = mc.reco[mc.pass_reco, index], data.reco[:, index], mc.pass_reco
    edges = bins_for(measured, data.weight, bins)
    found = [triangular(measured, data.weight, column, folded_weight(weight, mc, data)[seen], edges) for weight in weights]
    return tuple(item.value for item in found), found[-1].floor


def _to_truth(column: FloatArray, weights: FloatArray, truth: Simulation, name: str, bins: int) -> tuple[float, ...]:
    true, weight = truth.gen[truth.pass_gen, truth.gen_names.index(name)], truth.weight[truth.pass_gen]
    edges = bins_for(true, weight, bins)
    return tuple(triangular(column, item, true, weight, edges).value for item in weights)

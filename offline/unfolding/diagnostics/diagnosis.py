"""Everything that can be said about a result, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from offline.unfolding.diagnostics.bottom_line import BottomLine, bottom_line
from offline.unfolding.diagnostics.closure import Closure, closure
from offline.unfolding.diagnostics.convergence import Convergence, convergence
from offline.unfolding.diagnostics.energy import energy_distance
from offline.unfolding.diagnostics.fold_back import FoldBack, fold_back
from offline.unfolding.diagnostics.separation import Sample, Separation, separation
from offline.unfolding.diagnostics.weight_quality import WeightQuality, weight_quality
from offline.unfolding.sample import Measured, Simulation
from offline.unfolding.unfolded import Unfolded

__all__ = ["Diagnosis", "Together", "diagnose"]

_PER_BIN = 4
"""Replicas of the data for each bin of the bottom-line test: with hardly more than one its chi-square is arbitrary."""


@dataclass(frozen=True, slots=True)
class Together:
    """All quantities at once against the truth, before and after unfolding.

    Parameters
    ----------
    separation_before, separation_after : Separation
        Area under the curve of a classifier.
    energy_before, energy_after : float
        Energy distance with every quantity in standard deviations of the truth.
    """

    separation_before: Separation
    separation_after: Separation
    energy_before: float
    energy_after: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "separation": {"before": self.separation_before.to_dict(), "after": self.separation_after.to_dict()},
            "energy": {"before": self.energy_before, "after": self.energy_after},
        }


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found; parts that need a truth, iterations or replicas are none without them.

    Parameters
    ----------
    method : str
        Name of the method.
    weights : WeightQuality
        Of the unfolded events.
    fold_back : list of FoldBack
        For each reconstructed quantity.
    bottom_line : list of BottomLine, optional
        For each quantity of both levels, with the simulation as model.
    convergence : Convergence, optional
        For each iteration.
    closure : list of Closure, optional
        For each true quantity.
    together : Together, optional
        All true quantities at once.
    """

    method: str
    weights: WeightQuality
    fold_back: list[FoldBack]
    bottom_line: list[BottomLine] | None
    convergence: Convergence | None
    closure: list[Closure] | None
    together: Together | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""

        def plain(rows: list[Any] | None) -> list[dict[str, Any]] | None:
            return None if rows is None else [row.to_dict() for row in rows]

        return {
            "method": self.method,
            "weights": self.weights.to_dict(),
            "fold_back": plain(self.fold_back),
            "bottom_line": plain(self.bottom_line),
            "convergence": None if self.convergence is None else self.convergence.to_dict(),
            "closure": plain(self.closure),
            "together": None if self.together is None else self.together.to_dict(),
        }


def diagnose(
    unfolded: Unfolded, mc: Simulation, data: Measured, truth: Simulation | None = None, *, bins: int = 50, seed: int = 1
) -> Diagnosis:
    """Examine a result.

    Parameters
    ----------
    unfolded : Unfolded
        The result.
    mc, data : Simulation, Measured
        What it was made of.
    truth : Simulation, optional
        Nature, where it is known.
    bins : int
        For triangular discriminators.
    seed : int
        Of the classifier and of the rows that costly distances are taken from.
    """
    return Diagnosis(
        method=unfolded.method,
        weights=weight_quality(unfolded.weight),
        fold_back=fold_back(unfolded, mc, data, bins=bins),
        bottom_line=_bottom_lines(unfolded, mc, data),
        convergence=convergence(unfolded, mc, data, truth, bins=bins),
        closure=None if truth is None else closure(unfolded, mc, truth, bins=bins),
        together=None if truth is None else _together(unfolded, mc, truth, seed),
    )


def _bottom_lines(unfolded: Unfolded, mc: Simulation, data: Measured) -> list[BottomLine] | None:
    """Tests of the quantities that both levels have, in ten bins or as many as the replicas allow."""
    replicas = sum(item.kind == "data" for item in unfolded.replicas)
    bins = min(10, replicas // _PER_BIN)
    pairs = [(name, name) for name in unfolded.names if name in data.names]
    if not pairs and len(unfolded.names) == len(data.names):
        pairs = list(zip(unfolded.names, data.names, strict=True))
    if bins < 2:
        return None
    return [bottom_line(unfolded, data, mc, gen, reco, bins=(bins, bins)) for gen, reco in pairs]


def _together(unfolded: Unfolded, mc: Simulation, truth: Simulation, seed: int) -> Together:
    before, after = _gen_of(mc), Sample(unfolded.gen, unfolded.weight, unfolded.event)
    true = _gen_of(truth)
    return Together(
        separation(before, true, seed=seed),
        separation(after, true, seed=seed),
        energy_distance(before.values, before.weight, true.values, true.weight, seed=seed),
        energy_distance(after.values, after.weight, true.values, true.weight, seed=seed),
    )


def _gen_of(sample: Simulation) -> Sample:
    return Sample(sample.gen[sample.pass_gen], sample.weight[sample.pass_gen], sample.event[sample.pass_gen])

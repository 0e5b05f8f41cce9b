"""The bottom-line test: unfolded data must not be better at rejecting a model than the data themselves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.errors import DataError
from offline.unfolding.sample import FloatArray, Measured, Simulation
from offline.unfolding.spectrum import Binning, Spectrum
from offline.unfolding.unfolded import Unfolded

__all__ = ["BottomLine", "ChiSquare", "bottom_line", "chi_square"]

_CHANCE = 0.01

_SMALLEST = 1e-10
"""Eigenvalues below this share of the largest one carry no information."""


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """A chi-square and its degrees of freedom.

    Parameters
    ----------
    value : float
        On average that of the true covariance.
    ndf : int
        Directions of which the covariance knows an error.
    p : float
        Chance of a larger one if there is no difference.
    draws : int, optional
        Replicas that the covariance was sampled from, if it was.
    """

    value: float
    ndf: int
    p: float
    draws: int | None = None


@dataclass(frozen=True, slots=True)
class BottomLine:
    """A model against the data at both levels.

    Parameters
    ----------
    gen, reco : str
        The true and the reconstructed quantity.
    unfolded, measured : ChiSquare
        Unfolded data against the true distribution of the model; data against its reconstructed one. Both with the statistical
        errors of the data alone, the model taken as exact.
    """

    gen: str
    reco: str
    unfolded: ChiSquare
    measured: ChiSquare

    @property
    def passed(self) -> bool:
        """Whether unfolding has added no power (R. Cousins, S. May, Y. Sun, arXiv:1607.07038).

        The chi-square of the unfolded data should not be larger than that of the data. Where neither rejects the model, which is
        larger is chance, as bins of the two levels share no edges: unfolded data of a p above one percent have passed. Else their
        chi-square is known only as well as its covariance: with r draws and k bins the true one over it is distributed as a
        chi-square of r - k degrees of freedom over r - k - 2, of which one percent must allow for the one of the data.
        """
        if self.unfolded.p >= _CHANCE:
            return True
        if self.unfolded.draws is None:
            return self.unfolded.value <= self.measured.value
        free = self.unfolded.draws - self.unfolded.ndf
        chance = require("scipy.stats").chi2.cdf((free - 2) * self.measured.value / self.unfolded.value, free)
        return bool(chance >= _CHANCE)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "passed": self.passed}


def chi_square(difference: FloatArray, covariance: FloatArray, draws: int | None = None) -> ChiSquare:
    """Of a `difference`, shape (k,), with its `covariance`, shape (k, k), in the directions that the covariance knows.

    Parameters
    ----------
    difference, covariance : ndarray of float64
        Bins without any error are left out.
    draws : int, optional
        Number of replicas that the covariance was sampled from: its inverse is too large on average by
        (draws - 1) / (draws - k - 2), which is divided out (J. Hartlap et al., A&A 464 (2007) 399); the chance follows from
        Hotelling's distribution.

    Raises
    ------
    DataError
        If there are not at least three draws more than bins, or no bin has an error.
    """
    known = np.diag(covariance) > 0
    error = np.sqrt(np.diag(covariance)[known])
    values, vectors = np.linalg.eigh(covariance[np.ix_(known, known)] / np.outer(error, error))
    large = values > _SMALLEST * values.max(initial=0.0)
    ndf = int(large.sum())
    if not ndf or (draws is not None and draws < ndf + 3):
        msg = f"{ndf} bins with an error and {draws} replicas: give three replicas more than bins, or fewer bins"
        raise DataError(msg)
    pulls = (vectors[:, large].T @ (difference[known] / error)) / np.sqrt(values[large])
    raw, stats = float(pulls @ pulls), require("scipy.stats")
    if draws is None:
        return ChiSquare(raw, ndf, float(stats.chi2.sf(raw, ndf)))
    ratio = raw * (draws - ndf) / (ndf * (draws - 1))
    return ChiSquare(raw * (draws - ndf - 2) / (draws - 1), ndf, float(stats.f.sf(ratio, ndf, draws - ndf)), draws)


def bottom_line(
    unfolded: Unfolded,
    data: Measured,
    model: Simulation,
    gen: str,
    reco: str,
    *,
    bins: tuple[int, int] = (10, 10),
    kind: str = "data",
) -> BottomLine:
    """Test with `model`, usually the simulation that was unfolded with: unfolding must not reject it more strongly than data do.

    Parameters
    ----------
    unfolded, data : Unfolded, Measured
        The result, with replicas of the kind `kind`, and what it was made of.
    model : Simulation
        Any prediction at both levels; scaled to the total of the data at reconstruction.
    gen, reco : str
        The quantity at both levels.
        Where several quantities were unfolded together, the others say something about this one that its own reconstructed
        spectrum does not show, and a failure is a question, not a verdict.
    bins : tuple of int
        Bins at generation and reconstruction, of equal content of the model. A method that does not see the bins of the
        reconstruction may use more than these hold; more of them are then the fair comparison.
    kind : str
        Replicas for the covariance of the unfolded.

    Raises
    ------
    DataError
        If there are too few replicas for the bins, or no such quantity.
    """
    model = model.reweighted(model.weight * data.weight.sum() / model.weight[model.pass_reco].sum())
    true, seen = model.select(model.pass_gen), model.select(model.pass_reco)
    gen_bins = _equal_bins(true.gen, true.gen_names, true.weight, gen, bins[0])
    reco_bins = _equal_bins(seen.reco, seen.reco_names, seen.weight, reco, bins[1])
    spectrum = Spectrum.of(unfolded, {gen: gen_bins.edges[0]})
    expected = gen_bins.sums(gen_bins.places(true.gen, true.gen_names), true.weight)
    places = reco_bins.places(data.reco, data.names)
    excess = reco_bins.sums(places, data.weight) - reco_bins.sums(reco_bins.places(seen.reco, seen.reco_names), seen.weight)
    covariance = spectrum.covariance([kind])
    return BottomLine(
        gen,
        reco,
        chi_square(spectrum.values - expected, covariance, len(spectrum.replicas[kind])),
        chi_square(excess, np.diag(reco_bins.sums(places, data.weight**2))),
    )


def _equal_bins(values: FloatArray, names: tuple[str, ...], weight: FloatArray, name: str, n: int) -> Binning:
    """Bins of equal content, the outer ones without end; fewer where values repeat."""
    if name not in names:
        msg = f"unknown quantity {name!r}; known: {', '.join(names)}"
        raise DataError(msg)
    column = values[:, names.index(name)]
    order = np.argsort(column)
    share = np.cumsum(weight[order]) / weight.sum()
    inner = np.unique(column[order[np.searchsorted(share, np.arange(1, n) / n)]])
    ends = np.finfo(np.float64).max / 4
    return Binning.of({name: np.concatenate([[-ends], inner, [ends]])})

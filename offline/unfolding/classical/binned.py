"""What the binned methods share: from events to histograms, the covariance, and back to a weight for each event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from l1ml.errors import ConfigError, DataError, nearest
from l1ml.progress import SILENT, Progress
from offline.unfolding.classical.binned_spectrum import BinnedSpectrum
from offline.unfolding.classical.binning import Bins, Grid
from offline.unfolding.classical.response import Histogram, ResponseMatrix, histogram
from offline.unfolding.method import NO_CHECKPOINT, Checkpoint, check_inputs
from offline.unfolding.sample import FloatArray, Measured, Simulation
from offline.unfolding.unfolded import Unfolded

__all__ = ["BinnedMethod", "Errors", "EventsInBins", "Solution", "background_of", "fit_events", "solve_events"]

_KINDS = ("none", "data", "data+mc")


@dataclass(frozen=True, slots=True)
class Errors:
    """Which covariance is wanted.

    Parameters
    ----------
    covariance : str
        ``none``, ``data`` (statistics of the data, in closed form) or ``data+mc`` (of the simulation too, from `toys`).
    toys : int
        How often the simulated histograms are drawn again. Closed forms exist too, but cost a tensor of n_gen^2 n_reco numbers,
        8 GB for 1000 bins.
    """

    covariance: str = "data"
    toys: int = 100

    def __post_init__(self) -> None:
        if self.covariance not in _KINDS:
            msg = f"covariance must be one of {list(_KINDS)}, received {self.covariance!r}; {nearest(self.covariance, _KINDS)}"
            raise ConfigError(msg)
        if self.toys < 2:
            msg = f"toys must be at least 2, received {self.toys}"
            raise ConfigError(msg)


@dataclass(frozen=True, eq=False)
class Solution:
    """Unfolded bins.

    Parameters
    ----------
    stages : ndarray of float64, shape (k, n_gen)
        After each iteration; the last one is the result.
    jacobian : ndarray of float64, shape (n_gen, n_reco), optional
        Derivative of the result by each measured bin, where it was asked for.
    record : mapping
        What the method decided.
    """

    stages: FloatArray
    jacobian: FloatArray | None
    record: Mapping[str, Any]


class BinnedMethod(Protocol):
    """A method that unfolds a histogram."""

    @property
    def name(self) -> str:
        """Name of the method."""

    @property
    def bins(self) -> Bins:
        """Bins of both levels."""

    @property
    def errors(self) -> Errors:
        """Covariance that is wanted."""

    def solve(self, response: ResponseMatrix, data: Histogram, *, jacobian: bool = False) -> Solution:
        """Unfold `data` with `response`."""


class EventsInBins:
    """A binned method with the face of all methods: every event gets the weight that makes its bin what was unfolded."""

    __slots__ = ()

    def fit(
        self: BinnedMethod,
        mc: Simulation,
        data: Measured,
        *,
        seed: int = 1,
        progress: Progress = SILENT,  # noqa: ARG002  over before anybody looks
        checkpoint: Checkpoint = NO_CHECKPOINT,  # noqa: ARG002
    ) -> Unfolded:
        """As `UnfoldingMethod.fit`; errors also as of ``solve``."""
        return fit_events(self, mc, data, seed)

    def spectrum(self: BinnedMethod, mc: Simulation, data: Measured, *, seed: int = 1) -> BinnedSpectrum:
        """The result in bins, with its covariance."""
        return solve_events(self, mc, data, seed)[0]


def background_of(response: ResponseMatrix, data: Histogram) -> FloatArray:
    """Fakes expected in each measured bin, shape (n_reco,): their share of the simulation, of the yield that was measured."""
    return np.asarray(response.fake * (data.values.sum() / response.reco_total))


def solve_events(method: BinnedMethod, mc: Simulation, data: Measured, seed: int) -> tuple[BinnedSpectrum, Solution]:
    """BinnedSpectrum of `data`, and how it came about."""
    check_inputs(mc, data)
    gen, reco = method.bins.gen_grid(mc.gen_names, mc.gen[mc.pass_gen]), method.bins.reco_grid(data.names, data.reco)
    response, measured = ResponseMatrix.of(mc, gen, reco), histogram(reco, data)
    _check_prior(gen, response)
    solution = method.solve(response, measured, jacobian=method.errors.covariance != "none")
    values = solution.stages[-1]
    return BinnedSpectrum(gen, values, _covariance(method, response, measured, solution, seed), solution.stages), solution


def fit_events(method: BinnedMethod, mc: Simulation, data: Measured, seed: int) -> Unfolded:
    """Every event that passes at generation with the weight that makes its bin what the spectrum says."""
    spectrum, solution = solve_events(method, mc, data, seed)
    rows = mc.pass_gen
    number, weight = spectrum.grid.number(mc.gen[rows]), mc.weight[rows]
    prior = np.bincount(number, weight, spectrum.grid.size)
    ratio = np.divide(spectrum.stages, prior, out=np.zeros_like(spectrum.stages), where=prior > 0)
    iterations = ratio[:, number] * weight
    record = {"settings": asdict(method), "seed": seed, **_in_json(spectrum), **solution.record}  # type: ignore[call-overload]
    return Unfolded(method.name, mc.gen_names, mc.gen[rows], iterations[-1], mc.event[rows], iterations=iterations, record=record)


def _check_prior(grid: Grid, response: ResponseMatrix) -> None:
    """Refuse bins in which negative weights of the simulation outweigh the positive ones."""
    bad = np.flatnonzero((response.gen < 0) | ((response.gen == 0) & (response.both_variance.sum(axis=0) > 0)))
    if bad.size:
        place = [int(index) for index in np.unravel_index(bad[0], grid.shape)]
        msg = (
            f"{bad.size} of {grid.size} bins at generation have no positive simulated weight, the first is {place} of "
            f"{list(grid.names)} with {response.gen[bad[0]]:g}: use wider bins"
        )
        raise DataError(msg)


def _covariance(
    method: BinnedMethod, response: ResponseMatrix, data: Histogram, solution: Solution, seed: int
) -> FloatArray | None:
    """J V J^T for the data; the spread of the result over simulations drawn again is added."""
    if solution.jacobian is None:
        return None
    covariance = (solution.jacobian * data.variance) @ solution.jacobian.T
    if method.errors.covariance == "data":
        return np.asarray(covariance)
    streams = np.random.SeedSequence(seed).spawn(method.errors.toys)
    drawn = [method.solve(response.varied(np.random.default_rng(stream)), data).stages[-1] for stream in streams]
    return np.asarray(covariance + np.atleast_2d(np.cov(np.stack(drawn, axis=1))))


def _in_json(spectrum: BinnedSpectrum) -> dict[str, Any]:
    """The spectrum as JSON holds it, errors instead of the covariance."""
    errors = None if spectrum.covariance is None else spectrum.error.tolist()
    return {"edges": [edges.tolist() for edges in spectrum.grid.edges], "values": spectrum.values.tolist(), "errors": errors}

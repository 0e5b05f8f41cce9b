"""SPINUP: unfolding by maximum likelihood of the measured data, independent of the simulated spectrum."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from l1ml.determinism import fix_sums
from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress
from offline.unfolding.method import NO_CHECKPOINT, SIMULATION, Checkpoint, check_inputs
from offline.unfolding.sample import Measured, Simulation
from offline.unfolding.spinup.settings import FlowSettings, Schedule
from offline.unfolding.unfolded import Unfolded

if TYPE_CHECKING:
    from offline.unfolding.spinup.response import Response

__all__ = ["Spinup"]

_RESPONSE = f"{SIMULATION}response"


@dataclass(frozen=True, slots=True)
class Spinup:
    """Direct likelihood unfolding (Butter, Heimel, Huetsch, Kagan, Plehn, arXiv:2507.15084).

    A flow p(x | z) learns the detector from simulated pairs. A second flow p_theta(z), the truth, is then fitted such that the
    measured x become most likely: ln p_theta(x) = ln (1/K) sum_k p(x | z_k) p_theta(z_k) / q(z_k | x), where the K truths z_k are
    drawn once for each measured event from a flow q(z | x). Unlike in iterative methods the simulated spectrum is no factor of
    the result, and unlike a matrix inversion it need not oscillate: p_theta starts at the density of the simulated truth, and
    what data do not constrain stays close to it, as bends learn `spline_rate` times slower. Where that start is a bad one, many
    steps are needed in directions that the detector washes out, though the fit has long folded back.

    The ensemble is one flow with an axis of members. `starts` members begin elsewhere: their spread (replicas of the kind
    ``ensemble``) shows which features the detector has washed out. `bootstraps` members see Poisson-reweighted data: their
    spread (``data``) is the statistical error. Bootstraps of the simulation need fits of their own. Members are trained a few at
    a time and always as many, so that each depends on seed, kind and index alone, not on how many there are. Where
    `Uncertainties` ask for a number of either kind, it replaces that of the settings.

    Truths are drawn on a lattice, for which 16 do the work of many hundreds of independent ones in few dimensions.

    Parameters
    ----------
    draws : int
        K, at least 4.
    draw_width : float
        Widening of the proposal, at least 1: room for truths that are rare in the simulation.
    starts, bootstraps : int
        Further members, not negative.
    start_spread : float
        Scatter of the starts, in standard deviations of the simulation; positive.
    samples : int
        Events of the result, at least 1.
    validation : float
        Share of the simulation, by identity, that decides when its networks are trained best; in (0, 1).
    least_efficiency : float
        Efficiencies below are taken for this one, in (0, 1); the share of the result that it holds for is in the record.
    response, unfolding : FlowSettings
        Size of the flows of simulation, and of p_theta.
    response_schedule, unfolding_schedule : Schedule
        How they are trained.

    Notes
    -----
    Misses: what is fitted is the density of truths that are reconstructed; dividing by the efficiency, a smooth fit to the
    simulation, gives all truths. Fakes: a density of their own in the likelihood, with the share that they have in the
    simulation. Measured events of negative weight are background: their density joins that of the fakes, with their weight.
    Whole numbers are smeared by half a unit and rounded again.
    """

    draws: int = 16
    draw_width: float = 1.2
    starts: int = 9
    bootstraps: int = 20
    start_spread: float = 0.2
    samples: int = 100_000
    validation: float = 0.1
    least_efficiency: float = 0.01
    response: FlowSettings = field(default_factory=FlowSettings)
    unfolding: FlowSettings = field(default_factory=lambda: FlowSettings(bins=6))
    response_schedule: Schedule = field(default_factory=lambda: Schedule(steps=500, learning_rate=0.003))
    unfolding_schedule: Schedule = field(default_factory=lambda: Schedule(steps=500, batch=1024, learning_rate=0.01))

    def __post_init__(self) -> None:
        if self.draws < 4 or self.samples < 1 or min(self.starts, self.bootstraps) < 0:
            msg = f"draws must be at least 4, samples at least 1, starts and bootstraps not negative, received {self}"
            raise ConfigError(msg)
        if self.draw_width < 1 or self.start_spread <= 0 or not (0 < self.validation < 1 and 0 < self.least_efficiency < 1):
            msg = (
                "draw_width must be at least 1, start_spread positive, validation and least_efficiency in (0, 1), "
                f"received {self}"
            )
            raise ConfigError(msg)

    @property
    def name(self) -> str:
        """``spinup``."""
        return "spinup"

    def fit(
        self,
        mc: Simulation,
        data: Measured,
        *,
        seed: int = 1,
        progress: Progress = SILENT,
        checkpoint: Checkpoint = NO_CHECKPOINT,
    ) -> Unfolded:
        """Unfold `data`; see `UnfoldingMethod.fit`. The events of the result are drawn ones, numbered from 0."""
        check_inputs(mc, data)
        response = self.learn(mc, seed=seed, progress=progress, checkpoint=checkpoint)
        return self.unfold(response, data, seed=seed, progress=progress, checkpoint=checkpoint)

    def with_members(self, *, ensemble: int | None = None, data: int | None = None) -> Spinup:
        """The same method with other numbers of `starts` and `bootstraps`, where given."""
        starts = self.starts if ensemble is None else ensemble
        return replace(self, starts=starts, bootstraps=self.bootstraps if data is None else data)

    def learn(
        self, mc: Simulation, *, seed: int = 1, progress: Progress = SILENT, checkpoint: Checkpoint = NO_CHECKPOINT
    ) -> Response:
        """The part of `fit` that depends on simulation only; it serves any number of data sets."""
        from offline.unfolding.spinup.response import learn_response
        from offline.unfolding.spinup.response_arrays import arrays_of, response_of

        # before the networks are made: what runs first decides how many threads share a sum
        fix_sums()
        if (kept := checkpoint.read(_RESPONSE)) is not None:
            return response_of(kept, mc.gen_names, self.response, self.unfolding)
        response = learn_response(
            mc,
            settings=self.response,
            spectrum=self.unfolding,
            schedule=self.response_schedule,
            validation=self.validation,
            rng=np.random.default_rng([seed, 0]),
            progress=progress,
        )
        checkpoint.write(_RESPONSE, arrays_of(response))
        return response

    def unfold(
        self,
        response: Response,
        data: Measured,
        *,
        seed: int = 1,
        progress: Progress = SILENT,
        checkpoint: Checkpoint = NO_CHECKPOINT,
    ) -> Unfolded:
        """The other part: the truth of `data`, as seen by the detector that `response` was learnt for."""
        from offline.unfolding.spinup.fit import Fit

        fix_sums()
        return Fit(self, response, data, seed=seed, progress=progress, checkpoint=checkpoint).run()

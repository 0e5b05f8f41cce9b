"""AUSSIE: unfolding in two fits instead of iterations."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from l1ml.data.splits import split_of
from l1ml.errors import ConfigError, nearest
from l1ml.progress import SILENT, Part, Progress
from offline.unfolding.aussie.kernel import KernelFeatures, gain, median_distance, solve
from offline.unfolding.aussie.rows import Rows
from offline.unfolding.aussie.settings import NetworkSettings
from offline.unfolding.method import NO_CHECKPOINT, Checkpoint, check_inputs
from offline.unfolding.ratio import Contrast, LogRatio, RatioSettings, fit_log_ratio
from offline.unfolding.ratio.scaling import Scaling
from offline.unfolding.ratio.terms import Terms
from offline.unfolding.sample import Measured, Simulation
from offline.unfolding.unfolded import Unfolded

__all__ = ["Aussie"]

_RESIDUALS = ("mlc", "mse", "bce")
_GROUPS = 20


@dataclass(frozen=True, slots=True)
class Aussie:
    """Unfolding without iterations (AUSSIE, arXiv:2602.24282).

    Step 1 learns R(x), the ratio of measured to simulated events at reconstruction. Step 2 looks for the w(z) with
    E[w(z) | x] = R(x) on simulated events alone: it minimises the mean over pairs of r_i k(x_i, x_j) r_j, with the residual
    r = 1 - w(z) / R(x) and a Gaussian kernel k. Here ln w is a quadratic form, solved on all events at once through random
    features of the kernel, plus networks for the rest, which are kept only if they lower the loss of events they have not seen.

    Misses have no x and say nothing in the fit; w(z) applies to them as to any true event. Fakes have no z: their weight is one,
    so that they are in R as the simulation expects them, at the measured yield.

    Parameters
    ----------
    ratio : RatioSettings
        Step 1.
    network : NetworkSettings
        Networks of step 2.
    width : float
        Largest width of the kernel, in units of the standard deviations of the measured and simulated quantities; 0: the median
        distance of two events. The kernel is the mean of three Gaussians, of this width, half and a quarter of it.
    features : int
        Random features of the kernel in the solution on all events; even.
    residual : str
        ``mlc`` (1 - w / R), ``mse`` (R - w) or ``bce`` ((1 - w / R) / (1 + R)).
    limit : float
        Largest absolute ln w; beyond it an event counts as saturated.
    """

    ratio: RatioSettings = field(default_factory=RatioSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    width: float = 0.0
    features: int = 256
    residual: str = "mlc"
    limit: float = 10.0

    def __post_init__(self) -> None:
        if self.residual not in _RESIDUALS:
            msg = f"residual must be one of {list(_RESIDUALS)}, received {self.residual!r}; {nearest(self.residual, _RESIDUALS)}"
            raise ConfigError(msg)
        if self.width < 0 or self.features < 2 or self.features % 2 or not self.limit > 0:
            msg = f"width must not be negative, features even and positive, limit positive, received {self}"
            raise ConfigError(msg)

    @property
    def name(self) -> str:
        """``aussie``."""
        return "aussie"

    def fit(
        self,
        mc: Simulation,
        data: Measured,
        *,
        seed: int = 1,
        progress: Progress = SILENT,
        checkpoint: Checkpoint = NO_CHECKPOINT,
    ) -> Unfolded:
        """As `UnfoldingMethod.fit`."""
        check_inputs(mc, data)
        first, second = np.random.SeedSequence(seed).spawn(2)
        kept = checkpoint.read("ratio")
        ratio = LogRatio.from_arrays(kept) if kept else self._ratio(mc, data, first, Part(progress, "step 1 of 2"))
        if not kept:
            checkpoint.write("ratio", ratio.arrays())
        kept = checkpoint.read("weight")
        weight = LogRatio.from_arrays(kept) if kept else self._weight(mc, ratio, second, Part(progress, "step 2 of 2"))
        if not kept:
            checkpoint.write("weight", weight.arrays())
        return self._unfolded(mc, ratio, weight, seed)

    def _ratio(self, mc: Simulation, data: Measured, seed: np.random.SeedSequence, progress: Progress) -> LogRatio:
        """Step 1."""
        seen = mc.pass_reco
        contrast = Contrast.between((data.reco, data.weight, data.event), (mc.reco[seen], mc.weight[seen], mc.event[seen]))
        return fit_log_ratio(contrast, self.ratio, seed=seed, progress=progress)

    def _weight(self, mc: Simulation, ratio: LogRatio, seed: np.random.SeedSequence, progress: Progress) -> LogRatio:
        """Step 2: ln w."""
        rng = np.random.default_rng(seed)
        scaling = Scaling.of(mc.gen[mc.pass_gen], mc.weight[mc.pass_gen])
        rows = Rows.of(mc, ratio, scaling, self.residual)
        width = self.width or median_distance(rows.reco, rng)
        features = KernelFeatures.drawn(rows.reco.shape[1], width, self.features, rng)
        form = Terms.form(rows.gen.shape[1])
        coefficients, losses = solve(rows, features, np.zeros(rows.n), np.zeros(form.n))
        weight = LogRatio(scaling, form, coefficients, (), 0.0, self.limit, {"width": width, "solution": losses})
        return self._with_networks(weight, rows, features, rng, progress) if self.network.hidden else weight

    def _with_networks(
        self, weight: LogRatio, rows: Rows, features: KernelFeatures, rng: np.random.Generator, progress: Progress
    ) -> LogRatio:
        """`weight` with networks on top, if they help on events that they have not seen."""
        # Keras is asked for only where there is something to train
        from offline.unfolding.aussie.network import train

        share = self.network.validation
        held_out = np.asarray(split_of(rows.event, (1 - share, share), salt="aussie") == 1)
        known, unknown = rows.select(~held_out), rows.select(held_out)
        width = weight.record["width"]
        layers, losses = train(known, weight.free(known.gen), self.network, width, rng=rng, progress=progress)
        trained = replace(weight, layers=layers)
        coefficients, _ = solve(known, features, trained.network(known.gen), weight.coefficients)
        trained = replace(trained, coefficients=coefficients)
        group = split_of(unknown.event, [1 / _GROUPS] * _GROUPS, salt="aussie groups").astype(np.int64)
        fall, error = gain(unknown, features, weight.free(unknown.gen), trained.free(unknown.gen), group)
        helped = fall > self.network.significance * error
        record: dict[str, Any] = {"network_loss": losses, "gain": fall, "gain_error": error, "network_kept": bool(helped)}
        if helped:
            coefficients, _ = solve(rows, features, trained.network(rows.gen), trained.coefficients)
            weight = replace(trained, coefficients=coefficients)
        return replace(weight, record={**weight.record, **record})

    def _unfolded(self, mc: Simulation, ratio: LogRatio, weight: LogRatio, seed: int) -> Unfolded:
        """The weights of all true events, misses included."""
        rows = mc.pass_gen
        log_weight, saturated = weight.evaluate(mc.gen[rows])
        record = {
            "settings": asdict(self),
            "seed": seed,
            "ratio": dict(ratio.record),
            "weight": dict(weight.record),
            "saturated": int(saturated.sum()),
        }
        weights = mc.weight[rows] * np.exp(log_weight + ratio.log_total)
        return Unfolded(self.name, mc.gen_names, mc.gen[rows], weights, mc.event[rows], record=record)

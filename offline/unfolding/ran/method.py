"""RAN: unfolding as a game against a critic."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import numpy as np

from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress
from offline.unfolding.method import NO_CHECKPOINT, Checkpoint, check_inputs
from offline.unfolding.ran.settings import GameSettings
from offline.unfolding.ratio import LogRatio
from offline.unfolding.ratio.scaling import Scaling
from offline.unfolding.ratio.terms import Terms
from offline.unfolding.sample import Measured, Simulation
from offline.unfolding.unfolded import Unfolded

__all__ = ["Ran"]


@dataclass(frozen=True, slots=True)
class Ran:
    """Reweighting adversarial network (RAN, arXiv:2606.06603), with first derivatives only.

    A reweighter g(z) >= 0 of the simulated truth plays against a critic d(x) with a slope of at most one, which sees the
    Wasserstein distance of the measured and the reweighted reconstructed events:

        min over g, max over d of  mean of d(x) over data - mean of g(z) d(x) over the simulation, g of mean one.

    The paper holds the slope by a penalty on the gradient, which needs second derivatives; here the critic cannot be steeper (see
    `make_critic`). Misses and fakes are as in `Aussie`. Nothing in it depends on a ratio at reconstruction, so the two samples
    may have different supports there; the price is the noise of a game on batches.

    Parameters
    ----------
    game : GameSettings
        Networks and schedule.
    limit : float
        Largest absolute ln g; beyond it an event counts as saturated.
    """

    game: GameSettings = field(default_factory=GameSettings)
    limit: float = 10.0

    def __post_init__(self) -> None:
        if not self.limit > 0:
            msg = f"limit must be positive, received {self.limit}"
            raise ConfigError(msg)

    @property
    def name(self) -> str:
        """``ran``."""
        return "ran"

    def fit(
        self,
        mc: Simulation,
        data: Measured,
        *,
        seed: int = 1,
        progress: Progress = SILENT,
        checkpoint: Checkpoint = NO_CHECKPOINT,
    ) -> Unfolded:
        """As `UnfoldingMethod.fit`; a game is one step, and not resumed in its middle."""
        check_inputs(mc, data)
        kept = checkpoint.read("game")
        weight = LogRatio.from_arrays(kept) if kept else self._played(mc, data, seed, progress)
        if not kept:
            checkpoint.write("game", weight.arrays())
        rows = mc.pass_gen
        log_weight, saturated = weight.evaluate(mc.gen[rows])
        scale = data.weight.sum() / mc.weight[mc.pass_reco].sum()
        record = {"settings": asdict(self), "seed": seed, "weight": dict(weight.record), "saturated": int(saturated.sum())}
        weights = scale * mc.weight[rows] * np.exp(log_weight)
        return Unfolded(self.name, mc.gen_names, mc.gen[rows], weights, mc.event[rows], record=record)

    def _played(self, mc: Simulation, data: Measured, seed: int, progress: Progress) -> LogRatio:
        """The reweighter after the game."""
        # Keras is asked for only where there is something to train
        from offline.unfolding.ran.game import Sides, play

        seen = mc.select(mc.pass_reco)
        both = np.concatenate([data.weight, seen.weight])
        reco = Scaling.of(np.concatenate([data.reco, seen.reco]), both)
        scaling = Scaling.of(mc.gen[mc.pass_gen], mc.weight[mc.pass_gen])
        gen = np.where(seen.pass_gen[:, None], scaling(np.where(seen.pass_gen[:, None], seen.gen, scaling.mean)), 0.0)
        sides = Sides(reco(data.reco), data.weight, reco(seen.reco), gen, seen.pass_gen, seen.weight)
        coefficients, layers, distances = play(sides, self.game, np.random.default_rng(seed), progress)
        return LogRatio(scaling, Terms.form(mc.gen.shape[1]), coefficients, layers, 0.0, self.limit, {"distances": distances})

"""What simulation knows of the detector: the density of what is measured given the truth, the way back, efficiency and fakes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data.splits import split_of
from l1ml.progress import Progress
from offline.unfolding.sample import FloatArray, Simulation
from offline.unfolding.spinup.coordinates import Coordinates
from offline.unfolding.spinup.flow import Flow, linear_gaussian
from offline.unfolding.spinup.settings import FlowSettings, Schedule
from offline.unfolding.spinup.training import Arrays, FlowLikelihood, Likelihood, predict, train

__all__ = ["Efficiency", "Response", "density", "learn_response"]

keras = require("keras")
ops = keras.ops


class Efficiency(Likelihood):
    """Chance of a true event to be reconstructed: logistic regression on its quantities, and a small network on top.

    Inputs: gen (n, d), passed (n, 1), weight (n, 1).
    """

    def __init__(self, d: int, hidden: int, share: float, seed: int) -> None:
        super().__init__()
        self.size = (d, hidden)
        start = keras.initializers.Constant(float(np.log(share / (1 - share))))
        self.linear = keras.layers.Dense(1, kernel_initializer="zeros", bias_initializer=start)
        self.hidden = keras.layers.Dense(hidden, activation="tanh", kernel_initializer=keras.initializers.GlorotUniform(seed))
        self.out = keras.layers.Dense(1, kernel_initializer="zeros", use_bias=False)
        for layer, inputs in ((self.linear, d), (self.hidden, d), (self.out, hidden)):
            layer.build((None, inputs))

    @property
    def recipe(self) -> tuple[Callable[..., Likelihood], tuple[Hashable, ...]]:
        """Another one of the same size."""
        return _efficiency_of_half, self.size

    def logit(self, gen: Any) -> Any:
        """Logarithm of the odds, shape (n, 1)."""
        return self.linear(gen) + self.out(self.hidden(gen))

    def call(self, inputs: Any) -> Any:
        """Log likelihood of having passed or not."""
        logit = self.logit(inputs[0])
        return inputs[1] * logit - ops.softplus(logit)


@dataclass(frozen=True, eq=False)
class Response:
    """Networks that describe the detector; quantities are those of `gen` and `reco`.

    Parameters
    ----------
    names : tuple of str
        Generated quantities.
    gen, reco : Coordinates
        Quantities at both levels.
    surrogate : Flow
        p(reco | gen) of events that pass both selections.
    proposal : Flow
        p(gen | reco) of the same events, where likely truths are drawn from.
    spectrum : Flow
        p(gen) of the same events, where unfolding starts.
    efficiency : Efficiency, optional
        Chance of passing at reconstruction; none if every simulated event does.
    fakes : tuple of ndarray, optional
        Reconstructed quantities and weights of simulated fakes.
    fake_share : float
        Their share of what passes at reconstruction.
    losses : dict
        Loss of each network over its training.
    """

    names: tuple[str, ...]
    gen: Coordinates
    reco: Coordinates
    surrogate: Flow
    proposal: Flow
    spectrum: Flow
    efficiency: Efficiency | None
    fakes: tuple[FloatArray, FloatArray] | None
    fake_share: float
    losses: dict[str, list[float]]

    def efficiency_of(self, gen: FloatArray, batch: int) -> FloatArray:
        """Chance of each true event, in coordinates, to be reconstructed, shape (n,)."""
        if self.efficiency is None:
            return np.ones(len(gen))
        one = np.ones((len(gen), 1), np.float32)
        # with passed = 1 the log likelihood is the logarithm of the chance
        return np.exp(predict(self.efficiency, (gen.astype(np.float32), one, one), batch)[:, 0])


def learn_response(
    mc: Simulation,
    *,
    settings: FlowSettings,
    spectrum: FlowSettings,
    schedule: Schedule,
    validation: float,
    rng: np.random.Generator,
    progress: Progress,
) -> Response:
    """Train surrogate, proposal, spectrum and efficiency on `mc`; the events kept for validation are picked by identity.

    `settings` are those of all networks but the flow of the spectrum, which has its own.
    """
    both = mc.pass_both
    truth = mc.gen[mc.pass_gen]
    gen = Coordinates.of(truth, mc.weight[mc.pass_gen], rng, mc.gen_names)
    reco = Coordinates.of(mc.reco[both], mc.weight[both], rng, mc.reco_names)
    z, x = gen.forward(mc.gen[both], rng), reco.forward(mc.reco[both], rng)
    weight, event = mc.weight[both], mc.event[both]
    losses: dict[str, list[float]] = {}
    options: dict[str, Any] = {
        "schedule": schedule,
        "validation": validation,
        "rng": rng,
        "progress": progress,
    }
    flows = []
    for name, target, given, size in (
        ("surrogate", x, z, settings),
        ("proposal", z, x, settings),
        ("spectrum", z, None, spectrum),
    ):
        progress.start(f"learning the {name}", schedule.steps)
        flow, losses[name] = density(target, given, weight, event, settings=size, **options)
        flows.append(flow)
        progress.finish()
    efficiency = None
    if not mc.pass_reco[mc.pass_gen].all():
        progress.start("learning the efficiency", schedule.steps)
        efficiency, losses["efficiency"] = _efficiency(mc, gen, settings=settings, **options)
        progress.finish()
    fakes, fake_share = _fakes(mc, reco, rng)
    return Response(
        names=mc.gen_names,
        gen=gen,
        reco=reco,
        surrogate=flows[0],
        proposal=flows[1],
        spectrum=flows[2],
        efficiency=efficiency,
        fakes=fakes,
        fake_share=fake_share,
        losses=losses,
    )


def _fakes(mc: Simulation, reco: Coordinates, rng: np.random.Generator) -> tuple[tuple[FloatArray, FloatArray] | None, float]:
    """Coordinates and weights of what is reconstructed of no true event, None where there is none, and its share."""
    fake = mc.pass_reco & ~mc.pass_gen
    weight = mc.weight[fake].sum()
    found = (reco.forward(mc.reco[fake], rng), mc.weight[fake]) if weight > 0 else None
    return found, float(max(weight, 0.0) / mc.weight[mc.pass_reco].sum())


def density(
    x: FloatArray,
    context: FloatArray | None,
    weight: FloatArray,
    event: NDArray[np.uint64],
    *,
    settings: FlowSettings,
    schedule: Schedule,
    validation: float,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[Flow, list[float]]:
    """Density of `x` given `context` as a flow that starts at the most likely linear Gaussian model."""
    flow = Flow(x.shape[1], 0 if context is None else context.shape[1], 1, settings)
    flow.start(linear_gaussian(x, context, weight), [rng])
    sample = [x] if context is None else [x, context]
    parts = _split((*sample, weight[:, None] / weight.mean()), event, validation)
    return flow, train(FlowLikelihood(flow), parts[0], schedule, rng, validation=parts[1], progress=progress)


def _efficiency(
    mc: Simulation,
    gen: Coordinates,
    *,
    settings: FlowSettings,
    schedule: Schedule,
    validation: float,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[Efficiency, list[float]]:
    rows = mc.pass_gen
    passed, weight = mc.pass_reco[rows].astype(np.float64), mc.weight[rows]
    share = float(np.clip(np.average(passed, weights=weight), 1e-3, 1 - 1e-3))
    model = Efficiency(gen.d, settings.hidden, share, int(rng.integers(2**31)))
    arrays = (gen.forward(mc.gen[rows], rng), passed[:, None], weight[:, None] / weight.mean())
    parts = _split(arrays, mc.event[rows], validation)
    return model, train(model, parts[0], schedule, rng, validation=parts[1], progress=progress)


def _efficiency_of_half(d: int, hidden: int) -> Efficiency:
    return Efficiency(d, hidden, 0.5, 0)


def _split(arrays: Sequence[FloatArray], event: NDArray[np.uint64], validation: float) -> tuple[Arrays, Arrays]:
    """Events to train on and to validate with, float32; a sample so small that one part is empty serves as both."""
    kept = split_of(event, (1 - validation, validation), salt="spinup") == 0
    first, second = (kept, ~kept) if kept.any() and not kept.all() else (slice(None), slice(None))
    single = [array.astype(np.float32) for array in arrays]
    return [array[first] for array in single], [array[second] for array in single]

"""Posterior predictive checks: whether parameters from the posterior make observations like the one that was made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.errors import DataError
from offline.inference.arrays import FloatArray
from offline.inference.posterior import Posterior
from offline.inference.prior import Prior
from offline.inference.simulations import Simulations
from offline.inference.simulator import Simulator, observe

__all__ = ["Predictive", "calibrated_p_value", "predictive_check", "predictive_checks"]


@dataclass(frozen=True, slots=True, eq=False)
class Predictive:
    """Statistics of what was observed among those of replicas.

    Parameters
    ----------
    observed : ndarray of float64, shape (s,)
        Statistics of the observation.
    replicas : ndarray of float64, shape (n, s)
        The same of observations that the posterior predicts.
    p_values : tuple of float
        Of each statistic, two-sided.
    p_value : float
        Of the statistic that is furthest out, among those of the replicas that are.
    """

    observed: FloatArray
    replicas: FloatArray
    p_values: tuple[float, ...]
    p_value: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"observed": self.observed.tolist(), "p_values": list(self.p_values), "p_value": self.p_value}


def predictive_check(
    simulator: Simulator,
    prior: Prior,
    draws: FloatArray,
    x: FloatArray,
    rng: np.random.Generator,
    *,
    statistics: Callable[[FloatArray], FloatArray] | None = None,
) -> Predictive:
    """Simulate once for each draw and compare.

    Parameters
    ----------
    simulator : Simulator
        What the posterior was learnt from.
    prior : Prior
        Of the parameters.
    draws : ndarray of float64, shape (n, d)
        From the posterior given `x`.
    x : ndarray of float64, shape (k,) or (m, k)
        What was observed.
    rng : Generator
        Of the simulator.
    statistics : callable, optional
        From observations (n, k) or (n, m, k) to statistics (n, s). The numbers themselves without, of sets their means.

    Notes
    -----
    The observation has already pulled the posterior towards itself: these p-values fall below 5 % in fewer than 5 % of right
    models (X.-L. Meng, Ann. Stat. 22 (1994) 1142). A small one is to be trusted, a large one says little; `calibrated_p_value`
    repairs that.
    """
    made = observe(simulator, prior, draws, rng)
    if made.mask is not None and statistics is None:
        msg = "sets of different size have no obvious statistics: give `statistics`"
        raise DataError(msg)
    if made.x.shape[1:] != x.shape:
        msg = f"an observation of shape {x.shape} is not what the simulator makes: {made.x.shape[1:]}"
        raise DataError(msg)
    of = statistics or (lambda values: values if values.ndim == 2 else values.mean(axis=1))
    observed, replicas = of(x[None])[0], of(made.x)
    every = np.concatenate([observed[None], replicas])
    # ranks among all, the observation included, so that each row is treated alike
    below = np.argsort(np.argsort(every, axis=0, kind="stable"), axis=0)
    tails = 2 * np.minimum(below + 1, len(every) - below) / (len(every) + 1)
    worst = tails.min(axis=1)
    p_value = float((worst <= worst[0]).mean())
    return Predictive(observed, replicas, tuple(np.minimum(tails[0], 1.0).tolist()), p_value)


def predictive_checks(
    simulator: Simulator, posterior: Posterior, simulations: Simulations, rng: np.random.Generator, *, draws: int = 200
) -> list[Predictive]:
    """The same check of simulations that the posterior has not seen: what it gives where the model is right."""
    drawn = posterior.sample_each(simulations, draws, rng)
    pairs = zip(drawn, simulations.x, strict=True)
    return [predictive_check(simulator, posterior.prior, theta, x, rng) for theta, x in pairs]


def calibrated_p_value(found: Predictive, right: list[Predictive]) -> float:
    """Share of checks of right models that are as strange, this one included; averaged over the prior it is never too small."""
    return (1 + sum(other.p_value <= found.p_value for other in right)) / (1 + len(right))

"""What the command line does with a configuration: learn, read, draw, judge, scan."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT, Progress
from l1ml.storage import write_text
from offline.inference.arrays import FloatArray
from offline.inference.configuration import InferenceConfig
from offline.inference.diagnostics import Diagnosis, RatioCalibration, diagnose, ratio_calibration
from offline.inference.ensemble_ratio import EnsembleRatio
from offline.inference.gold.neural_gold import GoldRatio, NeuralGold, read_gold_ratio
from offline.inference.gold.settings import GoldNetwork
from offline.inference.networks.settings import RatioNetwork
from offline.inference.neural_posterior import LearntPosterior, NeuralPosterior, read_posterior
from offline.inference.neural_ratio import LearntRatio, NeuralRatio, calibration_of, read_ratio
from offline.inference.neyman import ConfidenceSet, asymptotic_belt, likelihood_scan, neyman_belt
from offline.inference.prior import Prior

__all__ = [
    "ParameterSummary",
    "draws_for",
    "judge",
    "learn",
    "read_observation",
    "read_result",
    "scan",
    "summary_of",
    "write_draws",
]

Learnt = LearntPosterior | LearntRatio | GoldRatio

_EDGE = 1e-3
"""A grid over a parameter without ends reaches so far into the tails of its prior."""


def learn(config: InferenceConfig, progress: Progress = SILENT) -> Learnt:
    """Train what the configuration describes."""
    if isinstance(config.network, GoldNetwork):
        return NeuralGold(config.network).fit(config.training_gold(progress), seed=config.seed, progress=progress)
    simulations = config.training_simulations()
    if isinstance(config.network, RatioNetwork):
        return NeuralRatio(config.network).fit(simulations, seed=config.seed, progress=progress)
    return NeuralPosterior(config.network).fit(simulations, seed=config.seed, progress=progress)


def read_result(config: InferenceConfig) -> Learnt:
    """What was learnt from the configuration."""
    if isinstance(config.network, GoldNetwork):
        return read_gold_ratio(config.result)
    return (read_ratio if isinstance(config.network, RatioNetwork) else read_posterior)(config.result)


def posterior_of(config: InferenceConfig) -> LearntPosterior:
    """The same where it must be a posterior."""
    if not isinstance(found := read_result(config), LearntPosterior):
        msg = f"{config.path} describes a ratio, which has no draws: use scan, or write [posterior]"
        raise ConfigError(msg)
    return found


def judge(config: InferenceConfig, *, draws: int = 100) -> Diagnosis | RatioCalibration:
    """Test what was learnt on simulations that it has not seen."""
    found = read_result(config)
    if isinstance(found, GoldRatio):
        gold = config.test_gold()
        return ratio_calibration(found.log_ratio(gold.theta, gold.x), gold.drawn)
    simulations = config.test_simulations()
    if isinstance(found, LearntRatio):
        return calibration_of(found, simulations, seed=config.seed)
    return diagnose(found, simulations, draws=draws, seed=config.seed)


def scan(
    config: InferenceConfig,
    x: FloatArray,
    *,
    level: float = 0.683,
    points: int = 101,
    toys: int = 0,
    progress: Progress = SILENT,
) -> tuple[Prior, ConfidenceSet]:
    """Scan of a learnt ratio over a grid of its parameters, with the asymptotic belt or one from toys.

    Parameters
    ----------
    config : InferenceConfig
        Of a ratio.
    x : ndarray of float64, shape (m, k)
        Independent events.
    level : float
        Confidence.
    points : int
        Of each parameter.
    toys : int
        At each point of the grid, 0 for the asymptotic belt.
    progress : Progress
        Told about points whose toys are thrown.
    """
    if not isinstance(found := read_result(config), EnsembleRatio):
        msg = f"{config.path} describes a posterior, which is drawn from: use sample, or write [ratio]"
        raise ConfigError(msg)
    if points < 2 or points**found.prior.dimension > 10**5:
        msg = f"a grid of {points} points for each of {found.prior.dimension} parameters: at least 2, at most 100,000 in all"
        raise ConfigError(msg)
    share = np.linspace(_EDGE, 1 - _EDGE, points)
    ends = found.prior.values(np.tile(_normal_scores(share[[0, -1]])[:, None], found.prior.dimension))
    axes = [np.linspace(low, high, points) for low, high in ends.T]
    grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
    if toys:
        simulator, seed = config.simulator(), config.seed
        belt = neyman_belt(found, simulator, grid, level=level, events=len(x), toys=toys, seed=seed, progress=progress)
    else:
        belt = asymptotic_belt(grid, level, len(x))
    return found.prior, ConfidenceSet(belt, likelihood_scan(found, grid, x))


def read_observation(path: Path) -> FloatArray:
    """Numbers separated by commas, shape (m, k): one row is an observation, or one event of a set; # begins a comment.

    Raises
    ------
    DataError
        If the file is missing or holds anything else.
    """
    try:
        return np.loadtxt(path, delimiter=",", ndmin=2)
    except (OSError, ValueError) as error:
        msg = f"{path} does not hold rows of numbers separated by commas: {error}"
        raise DataError(msg) from error


@dataclass(frozen=True, slots=True)
class ParameterSummary:
    """Draws of one parameter: mean, standard deviation, and the ends of the central 68.3 % and 95.4 %."""

    name: str
    mean: float
    sd: float
    central_68: tuple[float, float]
    central_95: tuple[float, float]


def summary_of(prior: Prior, draws: FloatArray) -> list[ParameterSummary]:
    """Summary of each parameter; draws of shape (n, d)."""
    rows = []
    for name, values in zip(prior.names, draws.T, strict=True):
        low95, low68, high68, high95 = np.quantile(values, [0.023, 0.1585, 0.8415, 0.977]).tolist()
        rows.append(ParameterSummary(name, float(values.mean()), float(values.std()), (low68, high68), (low95, high95)))
    return rows


def draws_for(config: InferenceConfig, x: FloatArray, n: int) -> tuple[Prior, FloatArray]:
    """`n` draws given an observation as `read_observation` gives it."""
    posterior = posterior_of(config)
    one: Any = x if posterior.takes_sets else x[0]
    if not posterior.takes_sets and len(x) > 1:
        msg = f"{len(x)} rows were given, but an observation is one row of {x.shape[1]} numbers here"
        raise DataError(msg)
    return posterior.prior, posterior.sample(one, n, np.random.default_rng(config.seed))


def write_draws(path: Path, prior: Prior, draws: FloatArray) -> None:
    """Draws as CSV, whole or not at all, with the names of the parameters above."""
    rows = "\n".join(",".join(f"{value!r}" for value in row) for row in draws.tolist())
    write_text(path, f"{','.join(prior.names)}\n{rows}\n")


def _normal_scores(share: FloatArray) -> FloatArray:
    return np.asarray(require("scipy.special").ndtri(share))

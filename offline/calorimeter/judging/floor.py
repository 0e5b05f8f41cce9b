"""A metric beside its floor: what it gives for two halves of the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress
from offline.calorimeter.judging.samples import FloatArray, check_pair

__all__ = ["Measurement", "Metric", "beside_floor"]

Metric = Callable[[FloatArray, FloatArray, int], Mapping[str, float]]
"""Named numbers of truth, generated showers and a seed."""


@dataclass(frozen=True, eq=False, slots=True)
class Measurement:
    """One number, measured again and again on random halves of the truth.

    Parameters
    ----------
    name : str
        Of the number.
    values : ndarray of float64, shape (repeats,)
        Of as many generated showers against a half of the truth.
    floors : ndarray of float64, shape (repeats,)
        Of the other half against the same one.
    size : int
        Showers of each sample in each of them: many metrics depend on it, so that only equal sizes compare.
    """

    name: str
    values: FloatArray
    floors: FloatArray
    size: int

    @property
    def value(self) -> float:
        """Mean over the repeats."""
        return float(self.values.mean())

    @property
    def error(self) -> float:
        """Standard deviation over the repeats."""
        return float(self.values.std(ddof=1))

    @property
    def floor(self) -> float:
        """Mean of the floors."""
        return float(self.floors.mean())

    @property
    def floor_error(self) -> float:
        """Standard deviation of the floors. Random halves of one sample are a permutation test: it is that of one measurement."""
        return float(self.floors.std(ddof=1))

    @property
    def sigma(self) -> float:
        """Value less floor in standard deviations of the floor: how sure it is that the samples differ.

        With few repeats the standard deviation is itself uncertain, by 1 / sqrt(2 repeats - 2).
        """
        away = self.value - self.floor
        return away / self.floor_error if self.floor_error > 0 else float(np.copysign(np.inf, away)) if away else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, in which there is no infinity."""
        numbers = {name: getattr(self, name) for name in ("value", "error", "floor", "floor_error", "size")}
        return {**numbers, "sigma": self.sigma if np.isfinite(self.sigma) else None, "repeats": len(self.values)}


def beside_floor(
    metric: Metric,
    truth: FloatArray,
    generated: FloatArray,
    *,
    repeats: int = 10,
    seed: int = 1,
    progress: Progress = SILENT,
    task: str = "metric",
) -> dict[str, Measurement]:
    """Measure `metric` and its floor on samples of one size.

    Parameters
    ----------
    metric : callable
        Of truth, generated showers and a seed.
    truth, generated : ndarray of float, shape (n, d) and (m, d)
        Showers; min(n / 2, m) of each are compared, drawn anew for each repeat.
    repeats : int
        How often; two at least.
    seed : int
        Of the halves, and of the seeds of the metric.
    progress : Progress
        Told about repeats.
    task : str
        What it is told.

    Raises
    ------
    ConfigError
        If there are fewer than two repeats.
    """
    check_pair(truth, generated, least=4)
    if repeats < 2:
        msg = f"an error needs two repeats at least, received {repeats}"
        raise ConfigError(msg)
    size = min(len(truth) // 2, len(generated))
    rng = np.random.default_rng(seed)
    found: list[tuple[Mapping[str, float], Mapping[str, float]]] = []
    progress.start(task, repeats)
    for _ in range(repeats):
        rows = rng.permutation(len(truth))
        half, other = truth[rows[:size]], truth[rows[size : 2 * size]]
        made = generated[rng.permutation(len(generated))[:size]]
        of_metric = int(rng.integers(2**31))
        found.append((metric(half, made, of_metric), metric(half, other, of_metric)))
        progress.advance()
    progress.finish()
    values, floors = ({name: np.array([each[side][name] for each in found]) for name in found[0][0]} for side in (0, 1))
    return {name: Measurement(name, values[name], floors[name], size) for name in values}

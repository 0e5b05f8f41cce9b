"""How many true showers a generator is worth that was trained on few."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT, Progress
from offline.calorimeter.judging.samples import FloatArray

__all__ = ["Amplification", "TrainingOf", "amplification", "mixtures"]

TrainingOf = Callable[[FloatArray, int, np.random.Generator], FloatArray]
"""Trains one generator on each row of samples, shape (members, n), and returns of each so many values, shape (members, count)."""


@dataclass(frozen=True, eq=False, slots=True)
class Amplification:
    """Quantile errors of samples and of the generators that were trained on them.

    Parameters
    ----------
    quantiles : int
        Cells of equal truth.
    trained_on : int
        Values that each generator saw.
    sample, generated : ndarray of float64, shape (members,)
        Mean square of the relative error of the cells, of the training sample itself and of what its generator made.
    expected : float
        Of the sample, without chance: (quantiles - 1) / trained_on.
    """

    quantiles: int
    trained_on: int
    sample: FloatArray
    generated: FloatArray
    expected: float

    @property
    def worth(self) -> float:
        """True values that are off as much as the generators are on average."""
        return self.expected * self.trained_on / float(self.generated.mean())

    @property
    def factor(self) -> float:
        """`worth` for each value that was trained on; above one the generators know more than their sample shows."""
        return self.worth / self.trained_on

    @property
    def factor_error(self) -> float:
        """From the scatter of the trainings."""
        return self.factor * float(self.generated.std(ddof=1) / self.generated.mean()) / float(np.sqrt(len(self.generated)))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        means = {"sample_error": float(self.sample.mean()), "generated_error": float(self.generated.mean())}
        found = {"worth": self.worth, "factor": self.factor, "factor_error": self.factor_error}
        sizes = {"quantiles": self.quantiles, "trained_on": self.trained_on, "trainings": len(self.generated)}
        return {**sizes, **means, "expected_error": self.expected, **found}


def amplification(
    train: TrainingOf,
    truth: FloatArray,
    *,
    trained_on: int = 100,
    quantiles: int = 50,
    trainings: int = 100,
    made: int = 100_000,
    seed: int = 1,
    progress: Progress = SILENT,
) -> Amplification:
    """GANplification of one quantity (A. Butter et al., arXiv:2008.06545).

    The truth is cut at its quantiles. A sample of N has a mean square relative error of (quantiles - 1) / N in them; the number
    for which that equals the error of what a generator makes is what the generator is worth.

    Parameters
    ----------
    train : callable
        Trains and samples all generators; `mixtures` is one.
    truth : ndarray of float64, shape (n,)
        One quantity of many true showers; without a value twice. It cuts the cells, and training samples are drawn from it, no
        value twice in all of them together.
    trained_on, trainings : int
        Values for each training, and trainings: a hundred at least, as single ones scatter by more than the effect.
    quantiles : int
        Cells: with few of them every smooth generator looks good.
    made : int
        Values of each generator; their own scatter is subtracted.
    seed : int
        Of the samples and trainings.
    progress : Progress
        Told about blocks of trainings.

    Raises
    ------
    ConfigError
        If there are fewer than 100 trainings, two quantiles, or values.
    DataError
        If there is not enough truth for all trainings; what is, is a hundred times what each sees, and cuts the cells well.
    """
    _check(truth, trained_on, quantiles, trainings, made)
    rng = np.random.default_rng(seed)
    samples = rng.permutation(truth)[: trainings * trained_on].reshape(trainings, trained_on)
    edges = np.quantile(truth, np.linspace(0, 1, quantiles + 1))[1:-1]
    errors = []
    blocks = np.array_split(samples, -(-trainings * made // 10_000_000))
    progress.start("amplification", len(blocks))
    for block in blocks:
        errors.append(_errors(train(block, made, rng), edges))
        progress.advance()
    progress.finish()
    generated = np.concatenate(errors) - (quantiles - 1) / made
    return Amplification(quantiles, trained_on, _errors(samples, edges), generated, (quantiles - 1) / trained_on)


def _check(truth: FloatArray, trained_on: int, quantiles: int, trainings: int, made: int) -> None:
    if trainings < 100 or quantiles < 2 or trained_on < 2 or made < 10 * quantiles:
        msg = (
            f"{trainings} trainings, {quantiles} quantiles, {trained_on} values for each and {made} of each: "
            "at least 100, 2, 2 and ten times the quantiles are needed"
        )
        raise ConfigError(msg)
    if truth.ndim != 1 or len(truth) < trained_on * trainings or not np.isfinite(truth).all():
        msg = f"truth of the shape {truth.shape}: {trained_on * trainings} finite values of one quantity are needed at least"
        raise DataError(msg)


def _errors(values: FloatArray, edges: FloatArray) -> FloatArray:
    """Mean square of the relative errors of the cells, shape (members,), of values, shape (members, n)."""
    cells = len(edges) + 1
    place = np.searchsorted(edges, values) + cells * np.arange(len(values))[:, None]
    share = np.bincount(place.ravel(), minlength=cells * len(values)).reshape(len(values), cells) / values.shape[1]
    return np.asarray(np.mean((cells * share - 1) ** 2, axis=1))


def mixtures(
    samples: FloatArray, made: int, rng: np.random.Generator, *, components: int = 2, rounds: int = 100, narrowest: float = 0.05
) -> FloatArray:
    """A mixture of Gaussians for each row of `samples`, by expectation and maximisation, all rows at once; a `TrainingOf`.

    Parameters
    ----------
    samples : ndarray of float64, shape (members, n)
        What they are trained on.
    made : int
        Values to draw of each.
    rng : Generator
        For them.
    components : int
        Gaussians, which start at quantiles of the sample.
    rounds : int
        Of expectation and maximisation.
    narrowest : float
        Smallest width, in standard deviations of the sample; a component on one value would have none.
    """
    spread = samples.std(axis=1, keepdims=True)
    mean = np.quantile(samples, (np.arange(components) + 0.5) / components, axis=1).T
    width = np.repeat(spread / components, components, axis=1)
    share = np.full_like(mean, 1 / components)
    for _ in range(rounds):
        pull = (samples[:, :, None] - mean[:, None]) / width[:, None]
        likelihood = share[:, None] / width[:, None] * np.exp(-0.5 * pull**2) + 1e-300
        chance = likelihood / likelihood.sum(axis=2, keepdims=True)
        total = chance.sum(axis=1)
        mean = np.einsum("mnk,mn->mk", chance, samples) / total
        square = np.einsum("mnk,mnk->mk", chance, (samples[:, :, None] - mean[:, None]) ** 2) / total
        width, share = np.maximum(np.sqrt(square), narrowest * spread), total / samples.shape[1]
    picked = (rng.random((len(samples), made, 1)) > np.cumsum(share, axis=1)[:, None, :-1]).sum(axis=2)
    drawn = rng.standard_normal((len(samples), made))
    return np.take_along_axis(mean, picked, axis=1) + np.take_along_axis(width, picked, axis=1) * drawn

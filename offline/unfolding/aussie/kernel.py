"""The Gaussian kernel loss on all events at once, by random features."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from offline.unfolding.aussie.rows import Rows
from offline.unfolding.ratio.terms import Terms
from offline.unfolding.sample import FloatArray

__all__ = ["SCALES", "KernelFeatures", "gain", "median_distance", "solve"]

_BLOCK = 16384
_KEPT = 2 * _BLOCK
"""Events whose features, 67 MB by default, are kept from step to step: they take longer than all the rest."""

_STEPS = 30
_ENOUGH = 1e-7
"""Largest change of a coefficient with which the solution is exact for every purpose."""

SCALES = (1.0, 0.5, 0.25)
"""Widths of the Gaussians that the kernel is the mean of, in units of the largest: one alone is blind to what is much narrower.
Each Gaussian is the fourth power of the one before."""

_CUT = 1e-6
"""Singular values of the derivatives, relative to the largest, below which a direction stays as it is."""


@dataclass(frozen=True, eq=False)
class KernelFeatures:
    """cos(f x) and sin(f x), whose products average to a Gaussian kernel of x - x' (Rahimi, Recht, NIPS 2007), with `SCALES`.

    With m the mean of r times the features, the loss sum_ij r_i k(x_i, x_j) r_j / n^2 is m^2: it costs one pass over the events
    instead of one over their pairs.

    Parameters
    ----------
    frequencies : ndarray of float32, shape (d, half the number of features)
        Drawn from N(0, 1 / width^2), the widths in turn.
    """

    frequencies: NDArray[np.float32]

    @classmethod
    def drawn(cls, dimension: int, width: float, features: int, rng: np.random.Generator) -> Self:
        """Frequencies for quantities of that dimension; `width` is the largest."""
        widths = width * np.resize(SCALES, features // 2)
        return cls((rng.standard_normal((dimension, features // 2)) / widths).astype(np.float32))

    def __call__(self, reco: FloatArray) -> FloatArray:
        """Features of unit length of scaled quantities, shape (n, d): an array of shape (n, features)."""
        phase = reco.astype(np.float32) @ self.frequencies
        both = np.concatenate([np.cos(phase), np.sin(phase)], axis=1)
        return (both * np.float32(phase.shape[1] ** -0.5)).astype(np.float64)


def median_distance(reco: FloatArray, rng: np.random.Generator) -> float:
    """Median distance of two events, from 1000 of the scaled `reco`: the usual width (Gretton et al., JMLR 13 (2012) 723)."""
    few = reco[rng.choice(len(reco), min(1000, len(reco)), replace=False)]
    square = np.square(few[:, None] - few[None]).sum(axis=2)
    return float(np.sqrt(np.median(square[np.triu_indices(len(few), 1)])))


def solve(rows: Rows, features: KernelFeatures, network: FloatArray, start: FloatArray) -> tuple[FloatArray, list[float]]:
    """Coefficients of a quadratic form that, added to `network` in ln w, has the smallest loss; and the loss before each step.

    Gauss-Newton: the residual is linear in w. A step that does not go down is halved.

    Parameters
    ----------
    rows : Rows
        Events.
    features : KernelFeatures
        Of the kernel.
    network : ndarray of float64, shape (n,)
        Part of ln w that stays.
    start : ndarray of float64, shape (Terms.form(d).n,)
        Where to begin, in the order of `Terms.form`.
    """
    features_of = _remembered(rows, features)
    here, (moment, slope) = start, _expansion(rows, features_of, network, start)
    losses = [float(moment @ moment)]
    step = _step(moment, slope)
    for _ in range(_STEPS):
        moment, slope = _expansion(rows, features_of, network, here + step)
        loss = float(moment @ moment)
        if loss > losses[-1]:
            step = step / 2
        else:
            here, step = here + step, _step(moment, slope)
            losses.append(loss)
        if np.abs(step).max() < _ENOUGH:
            break
    return here, losses


def gain(
    rows: Rows, features: KernelFeatures, before: FloatArray, after: FloatArray, group: NDArray[np.int64]
) -> tuple[float, float]:
    """How much the loss falls from the ln w `before` to that `after`, and the error of that.

    Both losses are free of the noise of single events, because only products of different groups enter; the error is a jackknife
    over the groups.

    Parameters
    ----------
    rows : Rows
        Events that no fit has seen.
    features : KernelFeatures
        Of the kernel.
    before, after : ndarray of float64, shape (n,)
        Two solutions.
    group : ndarray of int, shape (n,)
        Group of each event, from 0, by identity.
    """
    groups = int(group.max()) + 1
    moments = np.zeros((2, groups, 2 * features.frequencies.shape[1]))
    for part in _blocks(rows.n):
        values = features(rows.reco[part])
        for index, log_weight in enumerate((before, after)):
            np.add.at(moments[index], group[part], _lack(rows, part, log_weight[part])[:, None] * values)
    products = np.einsum("kgf,khf->kgh", moments, moments)
    difference = (products[0] - products[1]) * (1 - np.eye(groups))
    total, own = difference.sum(), difference.sum(axis=1)
    left_out = (total - 2 * own) * (groups - 1) / (groups - 2)
    scale = groups / (groups - 1)
    spread = np.sqrt((groups - 1) / groups * np.square(left_out - left_out.mean()).sum())
    return float(scale * total), float(scale * spread)


def _blocks(n: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, n, _BLOCK))


def _lack(rows: Rows, part: slice, log_weight: FloatArray) -> FloatArray:
    """Residuals times the weights of the simulation."""
    weight = np.exp(np.where(rows.true[part], log_weight, 0.0))
    return np.asarray(rows.weight[part] * (rows.constant[part] - rows.slope[part] * weight))


def _remembered(rows: Rows, features: KernelFeatures) -> Callable[[slice], FloatArray]:
    """Features of a block of events; of few events they are computed once."""
    if rows.n > _KEPT:
        return lambda part: features(rows.reco[part])
    kept = {part.start: features(rows.reco[part]) for part in _blocks(rows.n)}
    return lambda part: kept[part.start]


def _expansion(
    rows: Rows, features_of: Callable[[slice], FloatArray], network: FloatArray, coefficients: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean of the residual times each feature, shape (features,), and its derivatives by the coefficients."""
    moment, slope = np.zeros(0), np.zeros((0, 0))
    form = Terms.form(rows.gen.shape[1])
    for part in _blocks(rows.n):
        values, terms = features_of(part), form(rows.gen[part])
        lack = _lack(rows, part, network[part] + terms @ coefficients)
        answer = np.where(rows.true[part], lack - rows.weight[part] * rows.constant[part], 0.0)
        moments = lack @ values, values.T @ (answer[:, None] * terms)
        moment, slope = (moment + moments[0], slope + moments[1]) if part.start else moments
    return moment, slope


def _step(moment: FloatArray, slope: FloatArray) -> FloatArray:
    """Gauss-Newton step."""
    return np.asarray(-np.linalg.lstsq(slope, moment, rcond=_CUT)[0])

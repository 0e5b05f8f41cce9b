"""Quantities as networks want them: without edges, without steps, of mean 0 and standard deviation 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from l1ml.errors import ConfigError, DataError, nearest
from offline.unfolding.sample import FloatArray

__all__ = ["KINDS", "Quantity", "Scaling", "fit_scaling"]

KINDS = ("real", "positive", "bounded", "integer", "ranked")

_KNOTS = 1000


@dataclass(frozen=True, slots=True)
class Quantity:
    """How one quantity is mapped onto the real line, invertibly; one that is not listed is ``real``.

    Parameters
    ----------
    name : str
        As in the sample.
    kind : str
        ``real``: as it is. ``positive``: ln(z - low). ``bounded``: logit of (z - low) / (high - low). ``integer``: a number drawn
        evenly from [0, 1) is added (dequantisation, so that there is a density), then ln(1 + z - low); drawn values are rounded
        down again. ``ranked``: the normal scores of the ranks in the simulation, for hard edges and any shape; integers too, with
        ``integer`` first: see `whole`. Nothing is then drawn outside the range of the simulation.
    low, high : float
        Edges; `high` for ``bounded`` only.
    whole : bool
        With ``ranked``: the values are integers, dequantised as above.
    """

    name: str
    kind: str = "real"
    low: float = 0.0
    high: float = 1.0
    whole: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"quantity {self.name!r} has the unknown kind {self.kind!r}; {nearest(self.kind, KINDS)}"
            raise ConfigError(msg)
        if self.kind == "bounded" and self.high <= self.low:
            msg = f"quantity {self.name!r}: high must be above low, received {self.low:g} and {self.high:g}"
            raise ConfigError(msg)

    @property
    def is_whole(self) -> bool:
        """Whether the values are integers."""
        return self.whole or self.kind == "integer"

    def check(self, values: FloatArray) -> None:
        """Refuse values where the mapping is not defined.

        Raises
        ------
        DataError
            If a value lies at or beyond an edge, or is no integer though it should be.
        """
        bad = np.zeros(len(values), np.bool_)
        if self.kind in ("positive", "bounded"):
            bad |= values <= self.low
        if self.kind == "bounded":
            bad |= values >= self.high
        if self.is_whole:
            bad |= values != np.floor(values)
        if self.kind == "integer":
            bad |= values < self.low
        if bad.any():
            msg = (
                f"{int(bad.sum())} values of {self.name!r}, such as {values[bad][0]:g}, do not fit the kind {self.kind!r} with "
                f"low {self.low:g} and high {self.high:g}; 'ranked' takes any"
            )
            raise DataError(msg)

    def unbounded(self, values: FloatArray) -> FloatArray:
        """Values on the real line (``ranked``: unchanged)."""
        if self.kind == "positive":
            return np.log(values - self.low)
        if self.kind == "integer":
            return np.log1p(values - self.low)
        if self.kind == "bounded":
            share = (values - self.low) / (self.high - self.low)
            return np.log(share) - np.log1p(-share)
        return values

    def bounded(self, values: FloatArray) -> FloatArray:
        """The inverse of `unbounded`, integers rounded down."""
        if self.kind == "positive":
            values = self.low + np.exp(values)
        elif self.kind == "integer":
            values = self.low + np.maximum(np.expm1(values), 0.0)
        elif self.kind == "bounded":
            values = self.low + (self.high - self.low) / (1 + np.exp(-values))
        return np.floor(values) if self.is_whole else values


@dataclass(frozen=True, eq=False)
class _Axis:
    """Mapping of one quantity, fitted."""

    quantity: Quantity
    mean: float
    width: float
    knots: FloatArray
    scores: FloatArray

    def forward(self, values: FloatArray) -> FloatArray:
        line = self.quantity.unbounded(values)
        if self.knots.size:
            line = np.interp(line, self.knots, self.scores)
        return (line - self.mean) / self.width

    def backward(self, values: FloatArray) -> FloatArray:
        line = values * self.width + self.mean
        if self.knots.size:
            line = np.interp(line, self.scores, self.knots)
        return self.quantity.bounded(line)


@dataclass(frozen=True, eq=False)
class Scaling:
    """Fitted mappings of all quantities of a level."""

    axes: tuple[_Axis, ...]

    def forward(self, values: FloatArray, rng: np.random.Generator | None = None) -> FloatArray:
        """Values for networks, shape (n, d).

        Parameters
        ----------
        values : ndarray of float64, shape (n, d)
            Quantities.
        rng : numpy.random.Generator, optional
            Dequantises integers where they are to be learnt; conditions are left on their steps, half way up.

        Raises
        ------
        DataError
            If a mapping is not defined for a value.
        """
        columns = []
        for axis, column in zip(self.axes, values.T, strict=True):
            axis.quantity.check(column)
            columns.append(axis.forward(_dequantised(axis.quantity, column, rng)))
        return np.stack(columns, axis=1)

    def backward(self, values: FloatArray) -> FloatArray:
        """Quantities of what networks drew, shape (n, d)."""
        return np.stack([axis.backward(column) for axis, column in zip(self.axes, values.T, strict=True)], axis=1)


def fit_scaling(values: FloatArray, names: Sequence[str], quantities: Sequence[Quantity]) -> Scaling:
    """Mappings of the columns `names` of `values`; `quantities` of other names are left alone."""
    known = {quantity.name: quantity for quantity in quantities}
    return Scaling(
        tuple(_fit_axis(known.get(name, Quantity(name)), column) for name, column in zip(names, values.T, strict=True))
    )


def _dequantised(quantity: Quantity, values: FloatArray, rng: np.random.Generator | None) -> FloatArray:
    if not quantity.is_whole:
        return values
    return values + (0.5 if rng is None else rng.random(len(values)))


def _fit_axis(quantity: Quantity, values: FloatArray) -> _Axis:
    """Mapping of one column; its mean and width are those after it."""
    quantity.check(values)
    line = quantity.unbounded(_dequantised(quantity, values, np.random.default_rng(0)))
    knots, scores = _normal_scores(line) if quantity.kind == "ranked" else (np.empty(0), np.empty(0))
    if knots.size:
        line = np.interp(line, knots, scores)
    width = float(line.std())
    return _Axis(quantity, float(line.mean()), width if width > 0 else 1.0, knots, scores)


def _normal_scores(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Values at up to 1000 ranks, from the smallest to the largest, without repetition, and the normal quantile of each."""
    number = min(_KNOTS, len(values))
    ranks = (np.arange(number) + 0.5) / number
    ordered = np.sort(values)
    at = np.quantile(ordered, ranks)
    at[0], at[-1] = ordered[0], ordered[-1]
    knots, place = np.unique(at, return_inverse=True)
    scores = np.array([NormalDist().inv_cdf(rank) for rank in ranks])
    # repeated values share the mean of their scores: an atom becomes a point that drawn values come back to
    return knots, np.bincount(place, scores) / np.bincount(place)

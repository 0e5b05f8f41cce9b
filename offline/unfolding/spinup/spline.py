"""Monotone rational-quadratic splines (Durkan et al., arXiv:1906.04032, equations 4 to 8), the identity beyond a range."""

from __future__ import annotations

from typing import Any

import numpy as np

from l1ml._optional import require

__all__ = ["n_spline_parameters", "spline", "spline_inverse"]

keras = require("keras")
ops = keras.ops

_LEAST = 1e-3
"""Least share of a bin and least slope at a knot, as in the reference implementation: keeps float32 logarithms finite."""

_UNIT = float(np.log(np.expm1(1 - _LEAST)))
"""What softplus turns into a slope of one: parameters of zero give the identity."""


def n_spline_parameters(bins: int) -> int:
    """Parameters of a spline: widths and heights of its bins, slopes at its inner knots."""
    return 3 * bins - 1


def _shares(raw: Any, bins: int, bound: float) -> tuple[Any, Any]:
    """Left edges and lengths of bins that together fill [-bound, bound]."""
    length = 2 * bound * (_LEAST + (1 - _LEAST * bins) * ops.softmax(raw, axis=-1))
    return ops.cumsum(length, axis=-1) - length - bound, length


def _tables(raw: Any, bins: int, bound: float) -> tuple[Any, ...]:
    """Left edge, width, lower edge, height, slope at the left and at the right of each bin, each of shape (..., bins)."""
    left, width = _shares(raw[..., :bins], bins, bound)
    lower, height = _shares(raw[..., bins : 2 * bins], bins, bound)
    slope = _LEAST + ops.softplus(raw[..., 2 * bins :] + _UNIT)
    end = ops.ones_like(slope[..., :1])
    return left, width, lower, height, ops.concatenate([end, slope], axis=-1), ops.concatenate([slope, end], axis=-1)


def _bin_of(value: Any, edges: Any, tables: tuple[Any, ...]) -> list[Any]:
    """Entries of `tables` of the bin that holds `value`, by masks: gathers are slow to differentiate."""
    above = ops.cast(value[..., None] >= edges[..., 1:], value.dtype)
    first = ops.ones_like(above[..., :1])
    here = ops.concatenate([first, above], axis=-1) - ops.concatenate([above, 0 * first], axis=-1)
    return [ops.sum(here * table, axis=-1) for table in tables]


def spline(value: Any, raw: Any, *, bins: int, bound: float) -> tuple[Any, Any]:
    """Spline of `value`, and the logarithm of its slope.

    Parameters
    ----------
    value : tensor, shape (...)
        Arguments.
    raw : tensor, shape (..., 3 * bins - 1)
        Unconstrained parameters; its leading axes may be of length one.
    bins : int
        Number of bins, at least two.
    bound : float
        The spline acts on [-bound, bound] and is the identity beyond.
    """
    tables = _tables(raw, bins, bound)
    inner = ops.clip(value, -bound, bound)
    left, width, lower, height, slope_0, slope_1 = _bin_of(inner, tables[0], tables)
    xi = (inner - left) / width
    mean = height / width
    mixed = xi * (1 - xi)
    below = mean + (slope_1 + slope_0 - 2 * mean) * mixed
    result = lower + height * (mean * xi * xi + slope_0 * mixed) / below
    rise = slope_1 * xi * xi + 2 * mean * mixed + slope_0 * (1 - xi) * (1 - xi)
    inside = ops.abs(value) < bound
    log_slope = 2 * ops.log(mean) + ops.log(rise) - 2 * ops.log(below)
    return ops.where(inside, result, value), ops.where(inside, log_slope, 0 * log_slope)


def spline_inverse(value: Any, raw: Any, *, bins: int, bound: float) -> Any:
    """Argument at which the spline is `value`; parameters as for `spline`."""
    tables = _tables(raw, bins, bound)
    inner = ops.clip(value, -bound, bound)
    left, width, lower, height, slope_0, slope_1 = _bin_of(inner, tables[2], tables)
    mean = height / width
    rest = inner - lower
    bend = rest * (slope_1 + slope_0 - 2 * mean)
    a, b, c = height * (mean - slope_0) + bend, height * slope_0 - bend, -mean * rest
    root = ops.sqrt(ops.maximum(b * b - 4 * a * c, 0.0))
    # the form of the solution that does not cancel in float32
    return ops.where(ops.abs(value) < bound, left + width * 2 * c / (-b - root), value)

"""Monotone rational-quadratic splines from [0, 1] to [0, 1] (Durkan et al., arXiv:1906.04032, equations 4 to 8)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require

__all__ = ["n_spline_parameters", "spline", "spline_inverse", "spline_parameters"]

_LEAST = 1e-5
"""Least share of a bin and least slope at a knot: keeps float32 logarithms finite."""


def n_spline_parameters(bins: int) -> int:
    """Parameters of a spline: widths and heights of its bins, slopes at its knots."""
    return 3 * bins + 1


def spline_parameters(knots: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Parameters of the spline through `values` at `knots`, both (..., bins + 1) and rising from 0 to 1."""
    widths, heights = np.diff(knots), np.diff(values)
    steep = heights / widths
    inner = np.sqrt(steep[..., 1:] * steep[..., :-1])
    slopes = np.concatenate([steep[..., :1], inner, steep[..., -1:]], axis=-1)
    return np.concatenate([np.log(widths), np.log(heights), slopes + np.log(-np.expm1(-slopes))], axis=-1)


def _shares(raw: Any) -> tuple[Any, Any]:
    """Left edges and lengths of bins that together fill [0, 1]."""
    ops = require("keras").ops
    length = _LEAST + (1 - _LEAST * raw.shape[-1]) * ops.softmax(raw, axis=-1)
    return ops.cumsum(length, axis=-1) - length, length


def _tables(raw: Any, bins: int) -> tuple[Any, ...]:
    """Left edge, width, lower edge, height, slope at the left and at the right of each bin, each of shape (..., bins)."""
    slope = _LEAST + require("keras").ops.softplus(raw[..., 2 * bins :])
    return *_shares(raw[..., :bins]), *_shares(raw[..., bins : 2 * bins]), slope[..., :-1], slope[..., 1:]


def _bin_of(value: Any, edges: Any, tables: tuple[Any, ...]) -> list[Any]:
    """Entries of `tables` of the bin that holds `value`, by masks: gathers are slow to differentiate."""
    ops = require("keras").ops
    above = ops.cast(value[..., None] >= edges[..., 1:], value.dtype)
    first = ops.ones_like(above[..., :1])
    here = ops.concatenate([first, above], axis=-1) - ops.concatenate([above, 0 * first], axis=-1)
    return [ops.sum(here * table, axis=-1) for table in tables]


def spline(value: Any, raw: Any, bins: int) -> tuple[Any, Any]:
    """Spline of `value`, which is the distribution function, and the logarithm of its slope, the density.

    Parameters
    ----------
    value : tensor, shape (...)
        Arguments, in [0, 1].
    raw : tensor, shape (..., 3 * bins + 1)
        Unconstrained parameters; its leading axes may be of length one.
    bins : int
        Number of bins.
    """
    ops = require("keras").ops
    tables = _tables(raw, bins)
    left, width, lower, height, slope_0, slope_1 = _bin_of(value, tables[0], tables)
    xi = ops.clip((value - left) / width, 0.0, 1.0)
    mean = height / width
    mixed = xi * (1 - xi)
    below = mean + (slope_1 + slope_0 - 2 * mean) * mixed
    rise = slope_1 * xi * xi + 2 * mean * mixed + slope_0 * (1 - xi) * (1 - xi)
    return lower + height * (mean * xi * xi + slope_0 * mixed) / below, 2 * ops.log(mean) + ops.log(rise) - 2 * ops.log(below)


def spline_inverse(value: Any, raw: Any, bins: int) -> Any:
    """Argument in [0, 1] at which the spline is `value`; parameters as for `spline`."""
    ops = require("keras").ops
    tables = _tables(raw, bins)
    left, width, lower, height, slope_0, slope_1 = _bin_of(value, tables[2], tables)
    mean = height / width
    rest = value - lower
    bend = rest * (slope_1 + slope_0 - 2 * mean)
    a, b, c = height * (mean - slope_0) + bend, height * slope_0 - bend, -mean * rest
    root = ops.sqrt(ops.maximum(b * b - 4 * a * c, 0.0))
    # the form of the solution that does not cancel in float32
    return ops.clip(left + width * 2 * c / (-b - root), 0.0, 1.0)

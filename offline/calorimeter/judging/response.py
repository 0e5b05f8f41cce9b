"""Energy that is seen, over energy of the particle: mean and width in bins of energy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from offline.calorimeter.judging.samples import FloatArray

__all__ = ["Moments", "Overall", "Response", "response_by_energy"]


@dataclass(frozen=True, slots=True)
class Moments:
    """Of one sample in one bin: mean and width (standard deviation over mean), with errors."""

    n: int
    mean: float
    mean_error: float
    width: float
    width_error: float


@dataclass(frozen=True, slots=True)
class Response:
    """One bin of the energy of the particle.

    Parameters
    ----------
    low, high : float
        Its ends, MeV.
    truth, generated : Moments
        Of either sample.
    """

    low: float
    high: float
    truth: Moments
    generated: Moments

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, with both ratios, their errors, and how far they are from one in those."""
        ratios: dict[str, float | None] = {}
        for name in ("mean", "width"):
            one, two = getattr(self.truth, name), getattr(self.generated, name)
            errors = (getattr(self.truth, f"{name}_error"), getattr(self.generated, f"{name}_error"))
            usable = one > 0 and two > 0
            ratio = two / one if usable else None
            spread = float(two / one * np.hypot(errors[0] / one, errors[1] / two)) if usable else None
            sigma = None if ratio is None or not spread else (ratio - 1) / spread
            ratios |= {f"{name}_ratio": ratio, f"{name}_ratio_error": spread, f"{name}_sigma": sigma}
        return {**asdict(self), **ratios}


@dataclass(frozen=True, slots=True)
class Overall:
    """Generated over true, all energies together: mean of the ratios of all bins, each by the inverse of its variance.

    Parameters
    ----------
    mean, mean_error : float
        Of the mean response.
    width, width_error : float
        Of the resolution.
    """

    mean: float
    mean_error: float
    width: float
    width_error: float

    @classmethod
    def of(cls, rows: Sequence[Response]) -> Overall | None:
        """Of `rows`; None where no bin has both ratios with an error."""
        plain = [row.to_dict() for row in rows]
        known = [row for row in plain if row["mean_sigma"] is not None and row["width_sigma"] is not None]
        if not known:
            return None
        return cls(*_weighted(known, "mean"), *_weighted(known, "width"))

    def to_dict(self) -> dict[str, float]:
        """Plain values for JSON, with distances from one in errors."""
        sigmas = {"mean_sigma": (self.mean - 1) / self.mean_error, "width_sigma": (self.width - 1) / self.width_error}
        return {**asdict(self), **sigmas}


def _weighted(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[float, float]:
    """Mean ratio and its error."""
    ratio, error = (np.array([row[f"{name}_{what}"] for row in rows]) for what in ("ratio", "ratio_error"))
    weight = error**-2.0
    return float(ratio @ weight / weight.sum()), float(weight.sum() ** -0.5)


def response_by_energy(
    incident: tuple[FloatArray, FloatArray], total: tuple[FloatArray, FloatArray], *, bins: int = 6, least: int = 20
) -> tuple[Response, ...]:
    """Response of truth and generated showers in bins of energy, equal in its logarithm or one for each energy if there are few.

    Parameters
    ----------
    incident, total : tuple of ndarray of float64, shapes (n,) and (m,)
        Energy of the particle and of all voxels, MeV, of truth and of generated showers.
    bins : int
        Most bins.
    least : int
        Showers of both samples that a bin must hold to be reported.
    """
    edges = _edges(incident[0], bins)
    found = []
    for low, high in pairwise(edges):
        inside = [(energy >= low) & (energy < high) for energy in incident]
        if min(rows.sum() for rows in inside) >= least:
            sides = (_moments(seen[rows] / energy[rows]) for energy, seen, rows in zip(incident, total, inside, strict=True))
            found.append(Response(float(low), float(high), *sides))
    return tuple(found)


def _edges(incident: FloatArray, bins: int) -> FloatArray:
    """Rising edges; the last is above the highest energy."""
    single = np.unique(incident)
    if len(single) <= 20:
        return np.concatenate([single, [single[-1] * 1.001]])
    edges = np.geomspace(incident.min(), incident.max(), bins + 1)
    edges[-1] *= 1.001
    return edges


def _moments(ratio: FloatArray) -> Moments:
    n, mean = len(ratio), float(ratio.mean())
    spread = float(ratio.std(ddof=1))
    away = ratio - mean
    # variance of a standard deviation from the fourth moment: responses have tails
    fourth = float(np.mean(away**4))
    error = np.sqrt(max(fourth - spread**4, 0.0) / n) / (2 * spread) if spread > 0 else 0.0
    scale = 1 / mean if mean > 0 else 0.0
    return Moments(n, mean, spread / float(np.sqrt(n)), spread * scale, float(error) * scale)

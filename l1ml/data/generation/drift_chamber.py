"""Hits of a toy drift chamber: tracks from the beam in a solenoid field, and beam background that hits any sensor.

A stand-in with the ingredients of arXiv:2307.07289 (drift times of tracks, inefficiency, random background), not a simulation of
the chamber of Belle II: no material, no cells of their own field, no correlated noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError
from l1ml.hardware.detector import Detector

__all__ = ["ChamberConfig", "ChamberHits", "chamber_hits"]

_CM_PER_GEV_TESLA = 100 / 0.299792458
"""Radius of curvature in cm of 1 GeV in 1 T."""


@dataclass(frozen=True, slots=True)
class ChamberConfig:
    """Tracks and background of one crossing.

    Parameters
    ----------
    tracks : float
        Mean of the Poisson number of tracks that start inside the azimuth of the detector.
    pt_gev : tuple of float
        Smallest and largest transverse momentum; 1/pt is uniform.
    field_tesla : float
        Solenoid field.
    efficiency : float
        Of a sensor for a track.
    occupancy : float
        Probability that background hits a sensor.
    time_bits : int
        Width of the drift-time word; 0 is no hit, 1 a track through the sensor, the largest one half-way to the next sensor.

    Raises
    ------
    ConfigError
        If a probability or a momentum is out of its range.
    """

    tracks: float = 2.0
    pt_gev: tuple[float, float] = (0.3, 3.0)
    field_tesla: float = 1.5
    efficiency: float = 0.97
    occupancy: float = 0.05
    time_bits: int = 5

    def __post_init__(self) -> None:
        if not (0 <= self.efficiency <= 1 and 0 <= self.occupancy <= 1 and 0 < self.pt_gev[0] <= self.pt_gev[1]):
            received = f"efficiency {self.efficiency}, occupancy {self.occupancy}, pt_gev {list(self.pt_gev)}"
            msg = f"probabilities are in [0, 1] and momenta positive and in order, received {received}"
            raise ConfigError(msg)
        if self.tracks < 0 or self.field_tesla <= 0 or not 1 <= self.time_bits <= 16:
            received = f"tracks {self.tracks}, field_tesla {self.field_tesla}, time_bits {self.time_bits}"
            msg = f"tracks must not be negative, the field positive, and time_bits from 1 to 16, received {received}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class ChamberHits:
    """Drift-time words (n, n_sensors), 0 where nothing is hit, and which of the hits are those of tracks (n, n_sensors)."""

    words: NDArray[np.int32]
    of_track: NDArray[np.bool_]


def chamber_hits(detector: Detector, config: ChamberConfig, n: int, rng: np.random.Generator) -> ChamberHits:
    """Hits of `n` crossings; where a track and background hit one sensor, the earlier one is seen.

    Parameters
    ----------
    detector : Detector
        Its sensors.
    config : ChamberConfig
        Tracks and background.
    n : int
        Number of crossings.
    rng : numpy.random.Generator
        Decides everything.
    """
    latest = 2**config.time_bits - 1
    none = np.int32(latest + 1)
    times = np.full((n, detector.n_sensors), none, np.int32)
    _add_tracks(times, detector, config, rng)
    background = rng.random(times.shape) < config.occupancy
    noise = np.where(background, rng.integers(1, latest + 1, times.shape), none).astype(np.int32)
    # a tie is the track's: its time is as early as that of the background
    of_track = (times < none) & (times <= noise)
    seen = np.minimum(times, noise)
    return ChamberHits(np.where(seen == none, 0, seen).astype(np.int32), of_track)


def _add_tracks(times: NDArray[np.int32], detector: Detector, config: ChamberConfig, rng: np.random.Generator) -> None:
    """Put the times of all tracks into `times`, the earliest of each sensor."""
    count = rng.poisson(config.tracks, len(times))
    crossing, total = np.repeat(np.arange(len(times)), count), int(count.sum())
    phi = rng.uniform(0, np.deg2rad(detector.span_deg), total)
    low, high = config.pt_gev
    curvature = rng.choice([-1, 1], total) * rng.uniform(1 / high, 1 / low, total) * config.field_tesla / _CM_PER_GEV_TESLA
    latest = 2**config.time_bits - 1
    for layer, item in enumerate(detector.layers):
        # a circle through the beam has turned by asin(r / 2R) at the radius r; beyond 2R it does not come
        sine = item.radius_cm * curvature / 2
        at = phi + np.arcsin(np.clip(sine, -1, 1))
        nearest = detector.nearest_step(layer, at)
        place = detector.place(layer, nearest)
        seen = (np.abs(sine) < 1) & (place >= 0) & (rng.random(total) < config.efficiency)
        steps = at / detector.pitch[layer] - item.offset
        # from 0 at the sensor to 1 half-way to the next one
        distance = 2 * np.abs(steps - nearest)
        time = np.minimum(1 + np.floor(distance * latest), latest).astype(np.int32)
        np.minimum.at(times, (crossing[seen], (detector.first[layer] + place)[seen]), time[seen])

"""Where particles that were not made at the centre of the detector enter its calorimeters.

What is made inside the tracker is followed on its helix to the front of the ECAL; what is made inside the ECAL is seen where it
was made, inside the HCAL by the HCAL alone, further out not at all. Muons are measured by their direction and momentum at
their vertex: that the track finders assume the centre, and the delay of slow particles, are not part of this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.level1.geometry import (
    BARREL_RADIUS,
    CURVATURE,
    ECAL_BACK_RADIUS,
    ECAL_BACK_Z,
    ENDCAP_Z,
    HCAL_BACK_RADIUS,
    HCAL_BACK_Z,
)
from l1ml.data.generation.particles import Particles

__all__ = ["displaced_impact", "helix_exit"]

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

_STRAIGHT = 1e4
"""Radius in metres beyond which a path is straight: 0.1 mm of sagitta over the tracker."""


def displaced_impact(particles: Particles, vertex: FloatArray) -> tuple[FloatArray, FloatArray, Mask, Mask]:
    """Direction (eta, phi), seen from the centre, of the calorimeter cell that each particle hits.

    Parameters
    ----------
    particles : Particles
        Particles that are seen at all.
    vertex : ndarray of float64, shape (n, 3)
        Where they were made, in metres.

    Returns
    -------
    eta, phi : ndarray of float64, shape (n,)
        Of the cell.
    reached : ndarray of bool, shape (n,)
        Whether the particle was made in front of the end of the HCAL.
    first_layer : ndarray of bool, shape (n,)
        Whether it was made in front of the end of the ECAL, so that it may leave energy there.
    """
    radius, height = np.hypot(vertex[:, 0], vertex[:, 1]), np.abs(vertex[:, 2])
    inside = (radius < BARREL_RADIUS) & (height < ENDCAP_Z)
    point = np.where(inside[:, None], helix_exit(particles, np.where(inside[:, None], vertex, 0.0)), vertex)
    across = np.maximum(np.hypot(point[:, 0], point[:, 1]), 1e-9)
    reached = (radius < HCAL_BACK_RADIUS) & (height < HCAL_BACK_Z)
    first_layer = (radius < ECAL_BACK_RADIUS) & (height < ECAL_BACK_Z)
    return np.arcsinh(point[:, 2] / across), np.arctan2(point[:, 1], point[:, 0]), reached, first_layer


def helix_exit(particles: Particles, vertex: FloatArray) -> FloatArray:
    """Where the helix from each `vertex` (n, 3), inside the tracker, meets the barrel or an endcap, whichever is first; (n, 3).

    In the plane across the beam the path is a circle around `centre`, run through clockwise by positive particles. It meets the
    barrel where ``d^2 + r^2 + 2 d r cos(angle) = R^2`` with the distance d of the circle's centre from the axis.
    """
    pt = np.maximum(particles.pt, 1e-6)
    turn = np.where(particles.charge > 0, -1.0, 1.0)
    radius = np.minimum(pt / np.maximum(CURVATURE * np.abs(particles.charge), 1e-9), _STRAIGHT)
    heading = particles.phi
    centre_x = vertex[:, 0] - turn * radius * np.sin(heading)
    centre_y = vertex[:, 1] + turn * radius * np.cos(heading)
    start = np.arctan2(vertex[:, 1] - centre_y, vertex[:, 0] - centre_x)
    slope = np.copysign(np.maximum(np.abs(particles.pz / pt), 1e-6), particles.pz)
    to_barrel = _turn_to_barrel(centre_x, centre_y, radius, start, turn)
    to_endcap = (np.copysign(ENDCAP_Z, slope) - vertex[:, 2]) / (slope * radius)
    path = np.minimum(to_barrel, to_endcap)
    angle = start + turn * path
    z = np.where(to_barrel < to_endcap, vertex[:, 2] + slope * radius * path, np.copysign(ENDCAP_Z, slope))
    return np.stack([centre_x + radius * np.cos(angle), centre_y + radius * np.sin(angle), z], axis=1)


def _turn_to_barrel(x: FloatArray, y: FloatArray, radius: FloatArray, start: FloatArray, turn: FloatArray) -> FloatArray:
    """Angle to run through before the circle around (`x`, `y`) meets the barrel; infinite if it never does."""
    distance = np.maximum(np.hypot(x, y), 1e-12)
    cosine = (BARREL_RADIUS**2 - distance**2 - radius**2) / (2 * distance * radius)
    opening = np.arccos(np.clip(cosine, -1.0, 1.0))
    towards = np.arctan2(y, x)
    turns = [np.mod(turn * (towards + side * opening - start), 2 * np.pi) for side in (-1.0, 1.0)]
    return np.where(np.abs(cosine) > 1.0, np.inf, np.minimum(*turns))

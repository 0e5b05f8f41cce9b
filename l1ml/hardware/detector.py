"""A detector as a formal description: layers of sensors around the beam, each with its place."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError

__all__ = ["Detector", "DetectorLayer"]

_TURN_DEG = 360.0


@dataclass(frozen=True, slots=True)
class DetectorLayer:
    """Equally spaced sensors on an arc around the beam.

    Parameters
    ----------
    radius_cm : float
        Distance of the sensors from the beam.
    sensors : int
        How many of them.
    offset : float
        Azimuth of the first one, in units of their spacing; 0.5 staggers a layer against its neighbours.
    name : str
        For messages.

    Raises
    ------
    ConfigError
        If the radius is not positive or there is no sensor.
    """

    radius_cm: float
    sensors: int
    offset: float = 0.0
    name: str = ""

    def __post_init__(self) -> None:
        if not (isfinite(self.radius_cm) and self.radius_cm > 0 and self.sensors >= 1 and isfinite(self.offset)):
            received = f"radius_cm {self.radius_cm}, sensors {self.sensors}, offset {self.offset}"
            msg = f"layer {self.name!r} needs a positive radius, one sensor or more and a finite offset, received {received}"
            raise ConfigError(msg)


@dataclass(frozen=True)
class Detector:
    """Layers of sensors, numbered from the first sensor of the first layer on.

    Parameters
    ----------
    name : str
        In messages and projects.
    layers : tuple of DetectorLayer
        From the inside out.
    span_deg : float
        Azimuth that each layer covers: 360 for rings, less for the sector of one trigger board.

    Raises
    ------
    ConfigError
        If there is no layer, radii do not grow, or the span is not in (0, 360].
    """

    name: str
    layers: tuple[DetectorLayer, ...] = field(default_factory=tuple)
    span_deg: float = _TURN_DEG

    def __post_init__(self) -> None:
        radii = [layer.radius_cm for layer in self.layers]
        if not radii or any(inner >= outer for inner, outer in pairwise(radii)):
            msg = f"detector {self.name!r} needs layers whose radii grow, received radii {radii}"
            raise ConfigError(msg)
        if not 0 < self.span_deg <= _TURN_DEG:
            msg = f"span_deg of detector {self.name!r} must be above 0 and at most 360, received {self.span_deg}"
            raise ConfigError(msg)

    @property
    def is_ring(self) -> bool:
        """Whether the last sensor of a layer is beside the first."""
        return self.span_deg == _TURN_DEG

    @property
    def n_sensors(self) -> int:
        """Number of sensors of all layers."""
        return sum(layer.sensors for layer in self.layers)

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """Number of the first sensor of each layer, and behind them the number of all, shape (n_layers + 1,)."""
        return np.cumsum([0, *(layer.sensors for layer in self.layers)], dtype=np.int64)

    @cached_property
    def layer(self) -> NDArray[np.int64]:
        """Number of the layer of each sensor, shape (n_sensors,)."""
        return np.repeat(np.arange(len(self.layers)), [layer.sensors for layer in self.layers])

    @cached_property
    def pitch(self) -> NDArray[np.float64]:
        """Angle between neighbours of each layer in radians, shape (n_layers,)."""
        return np.array([np.deg2rad(self.span_deg) / layer.sensors for layer in self.layers])

    @cached_property
    def phi(self) -> NDArray[np.float64]:
        """Azimuth of each sensor in radians, shape (n_sensors,)."""
        place = np.arange(self.n_sensors) - self.first[self.layer]
        offset = np.array([layer.offset for layer in self.layers])
        return np.asarray((place + offset[self.layer]) * self.pitch[self.layer])

    @cached_property
    def positions(self) -> NDArray[np.float64]:
        """Places x and y of each sensor in cm, shape (n_sensors, 2)."""
        radius = np.array([layer.radius_cm for layer in self.layers])[self.layer]
        return np.asarray(radius[:, None] * np.stack([np.cos(self.phi), np.sin(self.phi)], axis=1))

    def nearest_step(self, layer: int, phi: NDArray[np.float64]) -> NDArray[np.int64]:
        """Place of the sensor of `layer` nearest in azimuth, half-way the lower one, counted on past its ends: see `place`."""
        # to a billionth: half-way is half-way whatever the last bits of phi say
        steps = np.round(phi / self.pitch[layer] - self.layers[layer].offset, 9)
        return np.asarray(np.ceil(steps - 0.5), dtype=np.int64)

    def place(self, layer: int, place: NDArray[np.int64]) -> NDArray[np.int64]:
        """`place` within `layer`, counted round a ring; -1 where it is off the end of a sector."""
        sensors = self.layers[layer].sensors
        if self.is_ring:
            return np.asarray(place % sensors)
        return np.where((place >= 0) & (place < sensors), place, -1)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"name": self.name, "span_deg": self.span_deg, "layers": [asdict(layer) for layer in self.layers]}

"""What a calorimeter is made of, as a shower sees it: radiation length, Moliere radius, critical energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l1ml.errors import ConfigError, nearest

__all__ = ["MATERIALS", "Material", "Stack"]

_SCALE_ENERGY = 21.2
"""MeV; sqrt(4 pi / alpha) times the mass of the electron, of multiple scattering."""


@dataclass(frozen=True, slots=True)
class Material:
    """A material.

    Parameters
    ----------
    z : float
        Atomic number; of a compound the mean, weighted by mass.
    density : float
        In g/cm3.
    radiation_length : float
        In mm.
    critical_energy : float
        In MeV, of electrons.
    """

    z: float
    density: float
    radiation_length: float
    critical_energy: float


MATERIALS = {
    "W": Material(74.0, 19.3, 3.504, 7.97),
    "Si": Material(14.0, 2.329, 93.7, 40.19),
    "Pb": Material(82.0, 11.35, 5.612, 7.43),
    "LAr": Material(18.0, 1.396, 140.0, 32.84),
    "PbWO4": Material(68.4, 8.3, 8.903, 9.64),
}
"""From the Review of Particle Physics, Atomic and Nuclear Properties of Materials."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One material, or an absorber and an active one by turns (arXiv:hep-ex/0001020, sect. 3).

    Parameters
    ----------
    materials : tuple of str
        Names in `MATERIALS`: one, or first the absorber, then what is read out.
    thickness : tuple of float
        Of each in mm; of a single one it says nothing.
    sampling : float
        c of the resolution c / sqrt(E / GeV); 0 for none, which only a single material can have.

    Raises
    ------
    ConfigError
        If a material is unknown or a number is not one.
    """

    materials: tuple[str, ...]
    thickness: tuple[float, ...]
    sampling: float

    def __post_init__(self) -> None:
        for name in self.materials:
            if name not in MATERIALS:
                msg = f"no material is called {name!r}; {nearest(name, MATERIALS)}"
                raise ConfigError(msg)
        if len(self.materials) not in {1, 2} or len(self.thickness) != len(self.materials) or not min(self.thickness) > 0:
            msg = f"a stack has one or two materials, each with its thickness, received {self.materials} and {self.thickness}"
            raise ConfigError(msg)
        if not 0 <= self.sampling < 1 or (self.is_sampling and not self.sampling):
            msg = f"the sampling term is in [0, 1), and not 0 where there are two materials, received {self.sampling}"
            raise ConfigError(msg)

    @property
    def is_sampling(self) -> bool:
        """Whether there are two materials."""
        return len(self.materials) == 2

    @property
    def z(self) -> float:
        """Effective atomic number."""
        return self._mean([material.z for material in self._parts])

    @property
    def radiation_length(self) -> float:
        """Effective, in mm."""
        lengths = [width / material.radiation_length for width, material in zip(self.thickness, self._parts, strict=True)]
        return sum(self.thickness) / sum(lengths)

    @property
    def moliere_radius(self) -> float:
        """Effective, in mm."""
        return self.radiation_length * _SCALE_ENERGY / self.critical_energy

    @property
    def critical_energy(self) -> float:
        """Effective, in MeV: that of each material weighted by its radiation lengths."""
        lengths = [width / material.radiation_length for width, material in zip(self.thickness, self._parts, strict=True)]
        return sum(n * material.critical_energy for n, material in zip(lengths, self._parts, strict=True)) / sum(lengths)

    @property
    def frequency(self) -> float:
        """Effective radiation length over the thickness of one turn; infinite for a single material."""
        return self.radiation_length / sum(self.thickness) if self.is_sampling else float("inf")

    @property
    def electron_signal(self) -> float:
        """Signal of electrons relative to that of minimum ionising particles."""
        if not self.is_sampling:
            return 1.0
        absorber, active = self._parts
        return 1 / (1 + 0.007 * (absorber.z - active.z))

    @property
    def _parts(self) -> list[Material]:
        return [MATERIALS[name] for name in self.materials]

    def _mean(self, values: Sequence[float]) -> float:
        """Mean weighted by mass."""
        masses = [width * material.density for width, material in zip(self.thickness, self._parts, strict=True)]
        return sum(mass * value for mass, value in zip(masses, values, strict=True)) / sum(masses)

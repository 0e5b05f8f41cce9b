"""Small generators, one for each particle and slice of pseudorapidity, behind one look-up.

As fast simulations of experiments have them in production (ATL-SOFT-PUB-2020-006 has 100 slices for each particle): each
learns one kind of shower, which is easier than all, and a detector that changes with |eta| needs no network that knows of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError, nearest
from offline.calorimeter.generators.generator import ShowerGenerator
from offline.calorimeter.showers import Showers

__all__ = ["EtaSlice", "GeneratorBank"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, order=True, slots=True)
class EtaSlice:
    """What one generator of a bank is for.

    Parameters
    ----------
    particle : str
        Its name, such as "gamma" or "e-".
    lowest, highest : float
        |eta|, the first within, the second without.

    Raises
    ------
    ConfigError
        If they do not rise from 0 or more, or the particle has no name.
    """

    particle: str
    lowest: float
    highest: float

    def __post_init__(self) -> None:
        if not (self.particle and 0 <= self.lowest < self.highest < np.inf):
            ends = f"{self.lowest:g} to {self.highest:g}"
            msg = f"a slice is of a named particle and rises in |eta| from 0 or more, received {self.particle!r}, {ends}"
            raise ConfigError(msg)

    def __str__(self) -> str:
        return f"{self.particle} {self.lowest:g} to {self.highest:g}"


@dataclass(frozen=True, eq=False, slots=True)
class GeneratorBank:
    """Generators by slice.

    Parameters
    ----------
    generators : mapping
        The generator of each slice; slices of one particle may leave gaps and do not overlap.

    Raises
    ------
    ConfigError
        If there is none, or slices overlap.
    """

    generators: Mapping[EtaSlice, ShowerGenerator]

    def __post_init__(self) -> None:
        if not self.generators:
            msg = "a bank has one generator or more, received none"
            raise ConfigError(msg)
        for one, other in pairwise(self.slices):
            if one.particle == other.particle and other.lowest < one.highest:
                msg = f"slices of a particle do not overlap, received {one} and {other}"
                raise ConfigError(msg)

    @property
    def slices(self) -> tuple[EtaSlice, ...]:
        """All of them, by particle and rising |eta|."""
        return tuple(sorted(self.generators))

    def to_dict(self) -> list[dict[str, Any]]:
        """What it holds, by slice, as JSON has it."""
        return [
            {
                "particle": one.particle,
                "eta": [one.lowest, one.highest],
                "kind": self.generators[one].kind,
                "energy_range": list(self.generators[one].energy_range),
                "voxels": self.generators[one].geometry.n_voxels,
            }
            for one in self.slices
        ]

    def generator(self, particle: str, eta: float) -> ShowerGenerator:
        """That of one direction.

        Raises
        ------
        DataError
            If no slice has it.
        """
        return self.generators[self.slices[int(self.places(particle, np.array([eta]))[0])]]

    def places(self, particle: str | Sequence[str], eta: FloatArray) -> IntArray:
        """Place among `slices` for each of the pseudorapidities `eta`, shape (n,); of one `particle`, or one for each.

        Raises
        ------
        DataError
            If no slice has one of them.
        """
        names, size = np.broadcast_to(np.asarray(particle), np.shape(eta)), np.abs(np.asarray(eta, np.float64))
        made = np.full(size.shape, -1, np.int64)
        for place, one in enumerate(self.slices):
            made[(names == one.particle) & (size >= one.lowest) & (size < one.highest)] = place
        if (made < 0).any():
            self._refuse(str(names[made < 0][0]), float(np.asarray(eta)[made < 0][0]), int((made < 0).sum()))
        return made

    def groups(
        self,
        incident: FloatArray,
        eta: FloatArray,
        particle: str | Sequence[str],
        rng: np.random.Generator,
        batch: int = 100,
        *,
        extrapolate: bool = False,
    ) -> Iterator[tuple[IntArray, Showers]]:
        """Showers of one slice after the other, each with the rows that they are of: slices may have different voxels.

        Parameters
        ----------
        incident, eta : ndarray of float64, shape (n,)
            Energies of the particles, MeV, and their pseudorapidities.
        particle : str or sequence of str
            One, or one for each.
        rng : Generator
            Random numbers: each slice has its own stream of it, so that its showers do not depend on what others draw.
        batch : int
            Showers that are made at a time.
        extrapolate : bool
            Allow energies beyond those of the training.

        Raises
        ------
        DataError
            If there are not as many directions as energies, no slice has one of them, or an energy is outside the training.
        """
        if np.shape(eta) != np.shape(incident):
            msg = f"each energy has a direction: received {np.shape(incident)} energies and {np.shape(eta)} of eta"
            raise DataError(msg)
        places = self.places(particle, eta)
        for place, (one, stream) in enumerate(zip(self.slices, rng.spawn(len(self.slices)), strict=True)):
            rows = np.flatnonzero(places == place)
            if rows.size:
                drawn = self.generators[one].sample(np.asarray(incident)[rows], stream, batch, extrapolate=extrapolate)
                yield rows, drawn

    def sample(
        self,
        incident: FloatArray,
        eta: FloatArray,
        particle: str | Sequence[str],
        rng: np.random.Generator,
        batch: int = 100,
        *,
        extrapolate: bool = False,
    ) -> Showers:
        """The same in the order of `incident`, where all slices that are asked have the same voxels.

        Raises
        ------
        DataError
            As `groups` does, or if they have not.
        """
        parts = list(self.groups(incident, eta, particle, rng, batch, extrapolate=extrapolate))
        if len({part.geometry.digest for _, part in parts}) > 1:
            msg = f"these showers are of {len(parts)} slices with different voxels: take them slice by slice, from groups()"
            raise DataError(msg)
        made = Showers.concatenate([part for _, part in parts])
        return made.select(np.argsort(np.concatenate([rows for rows, _ in parts])))

    def _refuse(self, particle: str, eta: float, n: int) -> None:
        known = sorted({one.particle for one in self.slices})
        which = [str(one) for one in self.slices if one.particle == particle]
        there = f"its slices are {', '.join(which)}" if which else nearest(particle, known)
        msg = f"no slice of the bank has {particle} at eta {eta:g} ({n} such particles): {there}"
        raise DataError(msg)

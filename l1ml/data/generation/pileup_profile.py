"""How many collisions crossings have on average, where that is not the same for all of them."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from l1ml.errors import ConfigError

__all__ = ["PileupProfile"]

_MU, _CROSSINGS, _LUMINOSITY = "mu", "crossings", "luminosity"


@dataclass(frozen=True, slots=True)
class PileupProfile:
    """A table of mu, the mean number of inelastic collisions per crossing (Poisson), and how many crossings have it.

    Parameters
    ----------
    mu : tuple of float
        Rising, not negative, one above zero.
    share : tuple of float
        Crossings of each mu, with any normalisation; not negative, one above zero.
    source : str
        Where the table comes from: kept in the provenance, and not part of any digest.

    Raises
    ------
    ConfigError
        If the columns disagree or a number is out of its range.
    """

    mu: tuple[float, ...]
    share: tuple[float, ...]
    source: str = ""

    def __post_init__(self) -> None:
        if not self.mu or len(self.mu) != len(self.share):
            msg = f"a pileup profile needs one share for each mu, received {len(self.mu)} mu and {len(self.share)} shares"
            raise ConfigError(msg)
        for name, values in (("mu", self.mu), ("share", self.share)):
            wrong = next((value for value in values if not 0 <= value < math.inf), None)
            if wrong is not None or not any(values):
                msg = f"{name} of a pileup profile must be finite, not negative and not all zero, received {wrong or 0}"
                raise ConfigError(msg)
        if any(second <= first for first, second in zip(self.mu, self.mu[1:], strict=False)):
            msg = "mu of a pileup profile must rise from row to row; sort the rows and add up those of one mu"
            raise ConfigError(msg)
        if not self.mean > 0:
            msg = "all crossings of this pileup profile have mu = 0; give some a collision"
            raise ConfigError(msg)

    @classmethod
    def fixed(cls, mu: float) -> Self:
        """The same mu in all crossings."""
        return cls((mu,), (1.0,))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Profile in the CSV file at `path`: a row ``mu,crossings`` or ``mu,luminosity``, then one row for each mu.

        ``luminosity`` is for histograms weighted by integrated luminosity, as CMS publishes them. Crossings of a given mu
        deliver luminosity in proportion to mu, so that their number is luminosity / mu; a row of mu = 0 must be empty there.
        Lines that begin with # are skipped.

        Raises
        ------
        ConfigError
            If the file is missing, is not such a table, or holds a number that cannot be meant.
        """
        try:
            content = path.read_bytes()
            lines = [line for line in content.decode("utf-8").splitlines() if line.strip() and not line.startswith("#")]
        except (OSError, UnicodeDecodeError) as error:
            msg = f"cannot read the pileup profile {path}: {error}"
            raise ConfigError(msg) from error
        header, *rows = [[cell.strip() for cell in row] for row in csv.reader(lines)] or [[]]
        if header not in ([_MU, _CROSSINGS], [_MU, _LUMINOSITY]):
            msg = f"{path} must begin with the line {_MU},{_CROSSINGS} or {_MU},{_LUMINOSITY}; received {','.join(header)!r}"
            raise ConfigError(msg)
        mu, share = _columns(path, rows)
        if header[1] == _LUMINOSITY:
            share = _crossings(path, mu, share)
        return cls(mu, share, f"{path.name}, {header[1]}, SHA-256 {hashlib.sha256(content).hexdigest()}")

    @property
    def probability(self) -> tuple[float, ...]:
        """Probability of each mu; adds up to one."""
        total = math.fsum(self.share)
        return tuple(value / total for value in self.share)

    @property
    def mean(self) -> float:
        """Mean number of collisions per crossing."""
        return math.fsum(mu * share for mu, share in zip(self.mu, self.probability, strict=True))


def _columns(path: Path, rows: Sequence[Sequence[str]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Both columns of the table."""
    pairs = []
    for number, row in enumerate(rows, start=1):
        try:
            mu, share = map(float, row)
        except ValueError as error:
            msg = f"{path}: row {number} after the header must be two numbers, received {','.join(row)!r}"
            raise ConfigError(msg) from error
        pairs.append((mu, share))
    return tuple(mu for mu, _ in pairs), tuple(share for _, share in pairs)


def _crossings(path: Path, mu: tuple[float, ...], luminosity: tuple[float, ...]) -> tuple[float, ...]:
    """Relative number of crossings that deliver a luminosity."""
    if any(value and not mean > 0 for mean, value in zip(mu, luminosity, strict=True)):
        msg = f"{path} has luminosity at mu = 0 or below, where there are no collisions; drop these rows"
        raise ConfigError(msg)
    return tuple(value / mean if value else 0.0 for mean, value in zip(mu, luminosity, strict=True))

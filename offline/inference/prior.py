"""Named parameters with what is believed of them before any data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from l1ml.errors import ConfigError, DataError, nearest
from offline.inference.arrays import BoolArray, FloatArray
from offline.inference.distributions import DISTRIBUTIONS, Distribution

__all__ = ["Prior", "described"]


@dataclass(frozen=True, slots=True)
class Prior:
    """Independent parameters; an array of them has one column for each, in the order of `distributions`.

    Parameters
    ----------
    distributions : mapping of str to Distribution
        By the name of the parameter.

    Examples
    --------
    >>> from offline.inference.distributions import Normal, Uniform
    >>> prior = Prior({"mass": Uniform(170, 175), "scale": Normal(1, 0.02)})
    >>> prior.names, prior.supports(np.array([[172.0, 1.01], [169.0, 1.0]])).tolist()
    (('mass', 'scale'), [True, False])
    """

    distributions: Mapping[str, Distribution]

    def __post_init__(self) -> None:
        if not self.distributions:
            msg = "a prior needs at least one parameter, received none"
            raise ConfigError(msg)
        object.__setattr__(self, "distributions", MappingProxyType(dict(self.distributions)))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the parameters, in the order of their columns."""
        return tuple(self.distributions)

    @property
    def dimension(self) -> int:
        """How many parameters."""
        return len(self.distributions)

    def column(self, name: str) -> int:
        """Where the parameter `name` stands.

        Raises
        ------
        ConfigError
            If there is none of that name.
        """
        if name not in self.distributions:
            msg = f"there is no parameter {name!r}; {nearest(name, self.names)}"
            raise ConfigError(msg)
        return self.names.index(name)

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Independent draws, shape (n, d)."""
        return self.values(rng.standard_normal((n, self.dimension)))

    def log_density(self, theta: FloatArray) -> FloatArray:
        """Logarithm of the density, shape (...), of parameters of shape (..., d)."""
        return np.asarray(self._columns("log_density", theta).sum(axis=-1))

    def supports(self, theta: FloatArray) -> BoolArray:
        """Whether all parameters are possible, shape (...)."""
        return np.asarray(self._columns("supports", theta).all(axis=-1))

    def scores(self, theta: FloatArray) -> FloatArray:
        """Free coordinates, shape (..., d): any real numbers, standard normal under the prior."""
        return np.asarray(self._columns("scores", theta))

    def values(self, scores: FloatArray) -> FloatArray:
        """Inverse of `scores`; always inside the support."""
        return np.asarray(self._columns("values", scores))

    def log_slope(self, theta: FloatArray) -> FloatArray:
        """Logarithm of the volume of scores per volume of parameters, shape (...): adds to a log-density of scores."""
        normal = -0.5 * np.square(self.scores(theta)).sum(axis=-1) - 0.5 * self.dimension * math.log(2 * math.pi)
        return np.asarray(self.log_density(theta) - normal)

    def check(self, theta: FloatArray, what: str = "parameters") -> None:
        """Refuse parameters of another shape, and those that are impossible.

        Raises
        ------
        DataError
            With the first of them.
        """
        if theta.ndim < 1 or theta.shape[-1] != self.dimension:
            msg = f"{what} of shape {theta.shape} do not fit the {self.dimension} parameters {', '.join(self.names)}"
            raise DataError(msg)
        bad = ~self.supports(theta)
        if bad.any():
            first = theta[bad].reshape(-1, self.dimension)[0]
            msg = f"{int(bad.sum())} of {bad.size} {what} are outside the prior, the first of them {described(self.names, first)}"
            raise DataError(msg)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Plain values for JSON; their order is that of the columns."""
        return {name: {"kind": item.kind, **_numbers(item)} for name, item in self.distributions.items()}

    @staticmethod
    def from_dict(values: Mapping[str, Mapping[str, Any]]) -> Prior:
        """Inverse of `to_dict`.

        Raises
        ------
        ConfigError
            If a kind or a number makes no sense.
        """
        return Prior({name: _distribution(name, table) for name, table in values.items()})

    def _columns(self, method: str, values: FloatArray) -> Any:
        return np.stack([getattr(item, method)(values[..., i]) for i, item in enumerate(self.distributions.values())], axis=-1)


def _distribution(name: str, table: Mapping[str, Any]) -> Distribution:
    """One parameter of a table such as ``{kind = "uniform", low = 0.0, high = 1.0}``."""
    kind = str(table.get("kind"))
    if kind not in DISTRIBUTIONS:
        msg = f"the prior of {name!r} has no kind {kind!r}; {nearest(kind, DISTRIBUTIONS)}"
        raise ConfigError(msg)
    try:
        return DISTRIBUTIONS[kind](**{key: float(value) for key, value in table.items() if key != "kind"})
    except (TypeError, ValueError) as error:
        msg = f"the prior of {name!r}: {error}"
        raise ConfigError(msg) from error


def _numbers(distribution: Any) -> dict[str, float]:
    """What a distribution is made of: floats, whatever they were given as, for digests to agree."""
    return {key: float(value) for key, value in asdict(distribution).items()}


def described(names: tuple[str, ...], theta: FloatArray) -> str:
    """Parameters of one row as words, for messages."""
    return ", ".join(f"{name} = {value:.6g}" for name, value in zip(names, theta, strict=True))

"""Which events count at each level: bounds on quantities, unfolded ones or others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from l1ml.errors import ConfigError, SchemaError, nearest
from offline.unfolding.sample import BoolArray, FloatArray, Measured, Simulation

__all__ = ["EVERYTHING", "Bounds", "Selection", "inside"]

Bounds = Mapping[str, tuple[float, ...]]
"""Lower bound of a quantity, which passes, or that and an upper one, which does not, by the name of the quantity."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Bounds at generation, which define what is unfolded to, and at reconstruction.

    Parameters
    ----------
    gen, reco : mapping of str to tuple of float
        One number: at least that; two numbers: at least the first and below the second.

    Raises
    ------
    ConfigError
        If a quantity has another number of bounds, or they leave nothing.
    """

    gen: Bounds = field(default_factory=dict)
    reco: Bounds = field(default_factory=dict)

    def __post_init__(self) -> None:
        for level, bounds in (("gen", self.gen), ("reco", self.reco)):
            for name, ends in bounds.items():
                if len(ends) not in {1, 2} or (len(ends) == 2 and not ends[0] < ends[1]):
                    msg = (
                        f"selection of {level} {name!r} must be [lowest] or [lowest, upper end] in rising order, received {ends}"
                    )
                    raise ConfigError(msg)

    def simulation(self, mc: Simulation) -> Simulation:
        """`mc` with fewer events passing; the bounds are on its own quantities."""
        pass_gen = mc.pass_gen & inside(self.gen, _columns(mc.gen, mc.gen_names), mc.n)
        return replace(mc, pass_gen=pass_gen, pass_reco=mc.pass_reco & inside(self.reco, _columns(mc.reco, mc.reco_names), mc.n))

    def measured(self, data: Measured) -> Measured:
        """The events of `data` that pass; the bounds are on its own quantities."""
        return data.select(inside(self.reco, _columns(data.reco, data.names), data.n))


EVERYTHING = Selection()


def inside(bounds: Bounds, column: Callable[[str], FloatArray], n: int) -> BoolArray:
    """Which of `n` events lie within all `bounds`; what is not a number lies nowhere."""
    passes = np.ones(n, np.bool_)
    for name, (low, *high) in bounds.items():
        values = column(name)
        passes &= values >= low
        if high:
            passes &= values < high[0]
    return passes


def _columns(values: FloatArray, names: tuple[str, ...]) -> Callable[[str], FloatArray]:
    """The column of a name."""

    def column(name: str) -> FloatArray:
        if name not in names:
            msg = f"unknown quantity {name!r} in the selection; {nearest(name, names)}"
            raise SchemaError(msg)
        return values[:, names.index(name)]

    return column

"""Events of which the truth is known, made of a simulation: what an unfolding is validated with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from l1ml.data.splits import split_of
from l1ml.errors import ConfigError, nearest
from offline.unfolding.gaussian_toy import GaussianToy
from offline.unfolding.inputs import Inputs
from offline.unfolding.quantities import Quantity
from offline.unfolding.sample import Simulation
from offline.unfolding.selection import Selection

__all__ = ["Population", "SelectedToy", "halves", "tilted"]

_GRID = 200_000
_REACH = 9.0


def tilted(mc: Simulation, tilt: Mapping[str, float]) -> Simulation:
    """`mc` with another truth: weights times exp(tilt * standardised quantity), the same total where it passes at generation.

    Raises
    ------
    ConfigError
        If `mc` has no such quantity.
    """
    rows = mc.pass_gen
    weight, logarithm = mc.weight[rows], np.zeros(int(rows.sum()))
    for name, strength in tilt.items():
        if name not in mc.gen_names:
            msg = f"validation.tilt has the unknown quantity {name!r}; {nearest(name, mc.gen_names)}"
            raise ConfigError(msg)
        values = mc.gen[rows, mc.gen_names.index(name)]
        mean = np.average(values, weights=weight)
        logarithm += strength * (values - mean) / np.sqrt(np.average(np.square(values - mean), weights=weight))
    changed = weight * np.exp(logarithm)
    made = mc.weight.copy()
    made[rows] = changed * (weight.sum() / changed.sum())
    return mc.reweighted(made)


def halves(inputs: Inputs, tilt: Mapping[str, float]) -> Inputs:
    """One half of the simulation unfolds the other, `tilted`; halves by identity: no event is in both. Data are not used."""
    mc = inputs.mc
    # methods split by identity, too: without a salt all of their validation events could be in the other half
    half = split_of(mc.event, (0.5, 0.5), salt="pseudo-data") == 0
    nature = tilted(mc.select(~half), tilt)
    varied = {
        name: one.select(half if one.n == mc.n and np.array_equal(one.event, mc.event) else np.ones(one.n, np.bool_))
        for name, one in inputs.systematics.items()
    }
    return replace(inputs, mc=mc.select(half), data=nature.measured(), nature=nature, systematics=varied)


@dataclass(frozen=True, slots=True)
class SelectedToy:
    """A toy behind a selection; `truth` is exact."""

    toy: GaussianToy
    selection: Selection

    def simulation(self, n: int, rng: np.random.Generator) -> Simulation:
        """As `GaussianToy.simulation`; `n` true events before the selection."""
        return self.selection.simulation(self.toy.simulation(n, rng))

    def experiment(self, n: float, rng: np.random.Generator) -> Simulation:
        """As `GaussianToy.experiment`; `n` true events before the selection."""
        return self.selection.simulation(self.toy.experiment(n, rng))

    def truth(self, statistics: Mapping[str, Quantity], n: int) -> dict[str, float]:
        """What `statistics` are for `n` true events of nature, by integration over their density within the selection."""
        low, *high = self.selection.gen.get("z", (-np.inf,))
        ends = self.toy.shift + self.toy.width * np.array([-_REACH, _REACH])
        edges = np.linspace(max(low, ends[0]), min(*high, ends[1]) if high else ends[1], _GRID + 1)
        z = 0.5 * (edges[1:] + edges[:-1])
        density = np.exp(-0.5 * np.square((z - self.toy.shift) / self.toy.width)) / (self.toy.width * np.sqrt(2 * np.pi))
        weight = n * density * np.diff(edges)
        return {name: statistic(z[:, None], weight) for name, statistic in statistics.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """A simulation taken for all events that there are; samples are drawn from it with replacement.

    Simulation and nature of a toy come from the same population, so that what the toys should give is known exactly.

    Parameters
    ----------
    mc : Simulation
        The population.
    of_nature : Simulation
        The same events with the weights that they have in nature.
    """

    mc: Simulation
    of_nature: Simulation

    def simulation(self, n: int, rng: np.random.Generator) -> Simulation:
        """`n` events."""
        return _drawn(self.mc, n, rng)

    def experiment(self, n: float, rng: np.random.Generator) -> Simulation:
        """Events of nature, a Poisson number of mean `n`."""
        return _drawn(self.of_nature, int(rng.poisson(n)), rng)

    def truth(self, statistics: Mapping[str, Quantity], n: int) -> dict[str, float]:
        """What `statistics` are for `n` events of nature."""
        rows = self.of_nature.pass_gen
        weight = self.of_nature.weight * (n / np.abs(self.of_nature.weight).sum())
        return {name: statistic(self.of_nature.gen[rows], weight[rows]) for name, statistic in statistics.items()}


def _drawn(population: Simulation, n: int, rng: np.random.Generator) -> Simulation:
    """`n` events of weight one, or minus one, each an event of its own."""
    size = np.abs(population.weight)
    drawn = population.select(rng.choice(population.n, n, p=size / size.sum()))
    return replace(drawn, weight=np.sign(drawn.weight), event=rng.integers(0, 2**63, n, dtype=np.uint64))

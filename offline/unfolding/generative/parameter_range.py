"""Training over a range of a parameter, with an estimate of it from many events as a condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from l1ml.errors import ConfigError, DataError, nearest
from offline.unfolding.sample import FloatArray, Measured, Simulation

__all__ = ["ParameterRange", "mixture"]


def mixture(simulations: Sequence[Simulation]) -> Simulation:
    """Simulations of different values of a parameter as one, each with the same weight at generation.

    Raises
    ------
    DataError
        If there is none, they have different quantities, or one has sets of objects.
    """
    if not simulations:
        msg = "a range of a parameter needs at least one simulation, received none"
        raise DataError(msg)
    names = {(mc.gen_names, mc.reco_names) for mc in simulations}
    if len(names) > 1:
        msg = f"simulations of a range must have the same quantities, received {sorted(names)}"
        raise DataError(msg)
    if any(mc.gen_objects is not None or mc.reco_objects is not None for mc in simulations):
        msg = "a range of a parameter is one of columns alone, but there are objects: leave them out (columns_only())"
        raise DataError(msg)
    even = [mc.reweighted(mc.weight / mc.weight[mc.pass_gen].sum()) for mc in simulations]
    return Simulation(
        gen=np.concatenate([mc.gen for mc in even]),
        reco=np.concatenate([mc.reco for mc in even]),
        weight=np.concatenate([mc.weight for mc in even]),
        pass_gen=np.concatenate([mc.pass_gen for mc in even]),
        pass_reco=np.concatenate([mc.pass_reco for mc in even]),
        event=np.concatenate([mc.event for mc in even]),
        gen_names=even[0].gen_names,
        reco_names=even[0].reco_names,
    )


@dataclass(frozen=True, slots=True)
class ParameterRange:
    """The way of arXiv:2501.12363 to unfold a parameter, such as the top mass, without the bias towards the simulated value.

    A wide range of simulated values weakens the prior of p(gen | reco), but one event cannot say where in the range nature is.
    All measured events together can: their estimate, such as the mean of a reconstructed mass, becomes one more condition, the
    same for every event. In the simulation each batch of events of one value has its own, whose statistical error is learnt with
    it. The density follows the estimate between the simulated values only: they must reach to either side of nature.

    Parameters
    ----------
    quantity : str
        Quantity at reconstruction whose distribution tells the parameter.
    batch : int
        Simulated events of one value that share an estimate; its error falls with the root of it.
    window : float
        Share of events around the median that the mean is taken of: 1 for all, 0.5 for the middle half, against tails.
    """

    quantity: str
    batch: int = 1000
    window: float = 1.0

    def __post_init__(self) -> None:
        if self.batch < 1 or not 0 < self.window <= 1:
            msg = f"batch must be positive and window in (0, 1], received {self}"
            raise ConfigError(msg)

    @property
    def condition(self) -> str:
        """Name of the quantity that is added at reconstruction."""
        return f"estimate of {self.quantity}"

    def prepare(self, simulations: Sequence[Simulation], data: Measured, *, seed: int = 1) -> tuple[Simulation, Measured]:
        """Mixture and data with the estimate as one more reconstructed quantity: what any generative method takes.

        Parameters
        ----------
        simulations : sequence of Simulation
            One for each value of the parameter.
        data : Measured
            All of it shares one estimate.
        seed : int
            Decides which simulated events share a batch.

        Raises
        ------
        DataError
            If the quantity is unknown, the simulations do not belong together, or one has less than a batch of events.
        """
        rng = np.random.default_rng(seed)
        mixed = mixture([self._with_estimates(mc, rng) for mc in simulations])
        value = self._estimate(self._column(data.reco, data.names), data.weight)
        reco = np.column_stack([data.reco, np.full(data.n, value)])
        return mixed, replace(data, reco=reco, names=(*data.names, self.condition))

    def _with_estimates(self, mc: Simulation, rng: np.random.Generator) -> Simulation:
        seen = rng.permutation(np.flatnonzero(mc.pass_reco))
        if seen.size < self.batch:
            msg = f"a simulation has {seen.size} reconstructed events, fewer than one batch of {self.batch}: simulate more"
            raise DataError(msg)
        column = self._column(mc.reco, mc.reco_names)
        estimate = np.zeros(mc.n)
        # what is left over goes to all of them, so that none is smaller than promised
        for rows in np.array_split(seen, seen.size // self.batch):
            estimate[rows] = self._estimate(column[rows], mc.weight[rows])
        return replace(mc, reco=np.column_stack([mc.reco, estimate]), reco_names=(*mc.reco_names, self.condition))

    def _column(self, reco: FloatArray, names: tuple[str, ...]) -> FloatArray:
        if self.quantity not in names:
            msg = f"unknown quantity {self.quantity!r}; {nearest(self.quantity, names)}"
            raise DataError(msg)
        return reco[:, names.index(self.quantity)]

    def _estimate(self, values: FloatArray, weight: FloatArray) -> float:
        """Weighted mean of the events in the window."""
        edge = (1 - self.window) / 2
        low, high = np.quantile(values, [edge, 1 - edge])
        inside = (values >= low) & (values <= high)
        return float(np.average(values[inside], weights=weight[inside]))

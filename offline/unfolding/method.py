"""The one face of all methods, and what is refused before any of them starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from offline.unfolding.sample import Measured, Simulation
from offline.unfolding.unfolded import Unfolded

__all__ = ["NO_CHECKPOINT", "SIMULATION", "Checkpoint", "MemberMethod", "UnfoldingMethod", "check_inputs"]

SIMULATION = "simulation "
"""How the name of a step begins that depends on simulation, settings and seed, not on data: bootstraps of the data share it."""


class Checkpoint(Protocol):
    """Where a long fit keeps what it has finished, one step after the other."""

    def read(self, step: str) -> Mapping[str, NDArray[Any]] | None:
        """Arrays kept for `step` by a fit of the same inputs, settings and seed; none where there are none."""

    def write(self, step: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep `arrays` for `step`, whole or not at all."""


class _NoCheckpoint:
    """Keeps nothing."""

    def read(self, step: str) -> Mapping[str, NDArray[Any]] | None:  # noqa: ARG002  a checkpoint has it
        return None

    def write(self, step: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        pass


NO_CHECKPOINT: Checkpoint = _NoCheckpoint()


class UnfoldingMethod(Protocol):
    """A method with its settings: a frozen dataclass."""

    @property
    def name(self) -> str:
        """Name of the method, as in configuration files."""

    def fit(
        self,
        mc: Simulation,
        data: Measured,
        *,
        seed: int = 1,
        progress: Progress = SILENT,
        checkpoint: Checkpoint = NO_CHECKPOINT,
    ) -> Unfolded:
        """Unfold `data` with the response of `mc`.

        Parameters
        ----------
        mc : Simulation
            Pairs at both levels.
        data : Measured
            What was measured, with the quantities that `mc` has at reconstruction.
        seed : int
            Root of every random number; the same seed gives the same result.
        progress : Progress
            Listener.
        checkpoint : Checkpoint
            Keeps finished steps; a fit that goes on after a stop gives what it would have given without one.

        Raises
        ------
        DataError
            If `mc` and `data` do not belong together.
        """


@runtime_checkable
class MemberMethod(UnfoldingMethod, Protocol):
    """A method that trains other starts and bootstraps of the data together with the nominal fit, as its replicas."""

    def with_members(self, *, ensemble: int | None = None, data: int | None = None) -> UnfoldingMethod:
        """The same method with so many of each kind; as many as before where none is given."""


def check_inputs(mc: Simulation, data: Measured, *, sets: bool = False) -> None:
    """Refuse data of other quantities than the simulation has, or nowhere near it.

    Parameters
    ----------
    mc, data : Simulation, Measured
        As for `UnfoldingMethod.fit`.
    sets : bool
        Whether the method looks at objects; one that does not must not be given any, rather than forget them.

    Raises
    ------
    DataError
        If names differ, if in some quantity no measured event lies in the range that the simulation covers, or if there are
        objects that the method would not look at.
    """
    _check_objects(mc, data, sets)
    if data.names != mc.reco_names:
        msg = f"data have the quantities {list(data.names)}, the simulation reconstructs {list(mc.reco_names)}: they must agree"
        raise DataError(msg)
    simulated = mc.reco[mc.pass_reco]
    low, high = simulated.min(axis=0), simulated.max(axis=0)
    inside = (data.reco >= low) & (data.reco <= high)
    for index in np.flatnonzero(~inside.any(axis=0)):
        msg = (
            f"no overlap in {data.names[index]!r}: data between {data.reco[:, index].min():g} and {data.reco[:, index].max():g}, "
            f"simulation between {low[index]:g} and {high[index]:g}"
        )
        raise DataError(msg)


def _check_objects(mc: Simulation, data: Measured, sets: bool) -> None:
    """Refuse objects of other quantities, or in numbers that the simulation never has, or where they are not looked at."""
    simulated, measured = mc.reco_objects, data.objects
    if not sets and not (mc.gen_objects is simulated is measured is None):
        msg = (
            "this method looks at columns alone, but there are objects: unfold with omnifold, or leave them out (columns_only())"
        )
        raise DataError(msg)
    if simulated is None or measured is None:
        if simulated is not measured:
            msg = "objects must be there in both data and reconstructed simulation, or in neither; one of them has none"
            raise DataError(msg)
        return
    if not simulated.alike(measured):
        msg = (
            f"objects of the data have {measured.names}, angles {measured.angles}, of the simulation {simulated.names}, "
            f"{simulated.angles}: they must agree"
        )
        raise DataError(msg)
    counts = np.unique(simulated.count[mc.pass_reco])
    if not np.isin(measured.count, counts).any():
        msg = (
            f"no overlap in the number of objects: data have {measured.count.min()} to {measured.count.max()}, the simulation "
            f"{counts[0]} to {counts[-1]}"
        )
        raise DataError(msg)

"""A replica as a job for other processes: inputs and result are files that both sides see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.jobs.workers import is_whole
from l1ml.progress import Checking
from offline.array_file import read_arrays, write_arrays
from offline.unfolding.method import UnfoldingMethod
from offline.unfolding.objects import Objects
from offline.unfolding.replicas.replica_fit import ReplicaFit, Steps
from offline.unfolding.sample import Measured, Simulation
from offline.unfolding.unfolded import Replica

__all__ = ["ReplicaJob", "arrays_of", "replica_from", "write_inputs"]

_KNOWN = "known"
"""Folder of the steps that bootstraps of the data need not repeat."""

_MEASURED = ("reco", "weight", "event")
_SIMULATION = ("gen", "reco", "weight", "pass_gen", "pass_reco", "event")
_SETS = ("gen_objects", "reco_objects")


@dataclass(frozen=True)
class ReplicaJob:
    """One replica as a file.

    Parameters
    ----------
    folder : Path
        Holds what `write_inputs` wrote, and gets the result.
    fit : ReplicaFit
        What to do.
    method : UnfoldingMethod
        What to do it with.
    variation : str, optional
        Name of the file of another simulation.
    number : int
        Names the file of the result.
    """

    folder: Path
    fit: ReplicaFit
    method: UnfoldingMethod
    variation: str | None
    number: int

    @property
    def path(self) -> Path:
        """The file of the result."""
        return self.folder / f"replica-{self.number}.npz"

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return 1

    def is_done(self) -> bool:
        """Whether the result is there and whole."""
        return is_whole(self.path, read_arrays)

    def read(self) -> Replica:
        """The result."""
        return replica_from(self.fit, read_arrays(self.path))

    def run(self, check: Callable[[], None]) -> None:
        """Fit, and write the result; `check` is called at every step of the fit."""
        check()
        mc, data = _inputs(self.folder)
        variation = None if self.variation is None else _simulation(self.folder / f"{self.variation}.npz")
        replica = self.fit.run(self.method, mc, data, variation, progress=Checking(check), known=_known(self.folder))
        write_arrays(self.path, arrays_of(replica))


def arrays_of(replica: Replica) -> dict[str, NDArray[Any]]:
    """What a checkpoint or a file keeps of a replica."""
    own = {} if replica.gen is None else {"gen": replica.gen}
    return {"weight": replica.weight, **own}


def replica_from(fit: ReplicaFit, arrays: Mapping[str, NDArray[Any]]) -> Replica:
    """The replica that `fit` made, from what was kept of it."""
    return Replica(fit.kind, fit.index, arrays["weight"], arrays.get("gen"))


def write_inputs(folder: Path, mc: Simulation, data: Measured, variations: Mapping[str, Simulation], known: Steps) -> None:
    """Write what jobs read: the inputs, and what is `known` of the simulation, once, whatever the number of jobs."""
    (folder / _KNOWN).mkdir()
    for number, (step, arrays) in enumerate(known.items()):
        columns = {f"{number} {name}": values for number, (name, values) in enumerate(arrays.items())}
        write_arrays(folder / _KNOWN / f"{number}.npz", {"step": np.array(step), **columns})
    measured = {name: getattr(data, name) for name in _MEASURED} | {"names": np.array(data.names)}
    write_arrays(folder / "data.npz", measured | _objects_as_arrays(data, "objects"))
    for name, simulation in {"mc": mc, **variations}.items():
        columns = {key: getattr(simulation, key) for key in _SIMULATION}
        names = {"gen_names": np.array(simulation.gen_names), "reco_names": np.array(simulation.reco_names)}
        write_arrays(folder / f"{name}.npz", columns | names | _objects_as_arrays(simulation, *_SETS))


def _objects_as_arrays(sample: Measured | Simulation, *fields: str) -> dict[str, NDArray[Any]]:
    """Objects of a sample that has any."""
    sets = {field: objects for field in fields if (objects := getattr(sample, field)) is not None}
    return {f"{field}.{name}": array for field, objects in sets.items() for name, array in objects.arrays().items()}


def _objects(found: Mapping[str, NDArray[Any]], field: str) -> Objects | None:
    """The objects that were kept in a `field` of a sample."""
    arrays = {name.removeprefix(f"{field}."): array for name, array in found.items() if name.startswith(f"{field}.")}
    return Objects.from_arrays(arrays) if arrays else None


@lru_cache(maxsize=1)
def _known(folder: Path) -> Steps:
    """Steps of the nominal fit that `write_inputs` wrote; a worker reads them once."""
    found = [read_arrays(path) for path in sorted((folder / _KNOWN).iterdir())]
    return {
        str(arrays["step"]): {name.partition(" ")[2]: values for name, values in arrays.items() if name != "step"}
        for arrays in found
    }


@lru_cache(maxsize=1)
def _inputs(folder: Path) -> tuple[Simulation, Measured]:
    """Inputs of the jobs in `folder`; a worker reads them once."""
    found = read_arrays(folder / "data.npz")
    columns: dict[str, Any] = {name: found[name] for name in _MEASURED}
    return _simulation(folder / "mc.npz"), Measured(**columns, names=_names(found["names"]), objects=_objects(found, "objects"))


def _simulation(path: Path) -> Simulation:
    found = read_arrays(path)
    fields: dict[str, Any] = {name: found[name] for name in _SIMULATION}
    fields |= {name: _names(found[name]) for name in ("gen_names", "reco_names")}
    fields |= {name: _objects(found, name) for name in _SETS}
    return Simulation(**fields)


def _names(array: NDArray[Any]) -> tuple[str, ...]:
    return tuple(str(name) for name in array)

"""An unfolding with its errors: the nominal fit, then all replicas, here or on other processes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from offline.unfolding.method import NO_CHECKPOINT, SIMULATION, Checkpoint, MemberMethod, UnfoldingMethod, check_inputs
from offline.unfolding.replicas.kept_jobs import run_kept
from offline.unfolding.replicas.replica_fit import ReplicaFit
from offline.unfolding.replicas.replica_job import ReplicaJob, arrays_of, replica_from, write_inputs
from offline.unfolding.replicas.uncertainties import Uncertainties
from offline.unfolding.sample import Measured, Simulation
from offline.unfolding.unfolded import Replica, Unfolded

__all__ = ["unfold"]


def unfold(
    method: UnfoldingMethod,
    mc: Simulation,
    data: Measured,
    uncertainties: Uncertainties | None = None,
    *,
    seed: int = 1,
    workers: int = 1,
    scheduler: str | None = None,
    folder: Path | None = None,
    progress: Progress = SILENT,
    checkpoint: Checkpoint = NO_CHECKPOINT,
) -> Unfolded:
    """Unfold `data` with the response of `mc`, and again for every replica that `uncertainties` ask for.

    Parameters
    ----------
    method : UnfoldingMethod
        Any method. One that trains replicas of its own with the nominal fit (`MemberMethod`) makes as many as `uncertainties` ask
        for, or where these say 0, as many as its settings do; such kinds are not made again.
    mc, data : Simulation, Measured
        As for `UnfoldingMethod.fit`.
    uncertainties : Uncertainties, optional
        Which replicas; those of its defaults when left out.
    seed : int
        Root of every random number. A replica depends on it, its kind and its index alone: neither on the number of the
        others nor on who makes it.
    workers : int
        Processes for the replicas.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers then make the replicas.
    folder : Path, optional
        Where the files that the processes exchange lie for the time of the call; on a cluster a folder that all machines
        see. A temporary one when left out.
    progress : Progress
        Listener.
    checkpoint : Checkpoint
        Keeps each finished replica.

    Raises
    ------
    DataError
        If `mc`, a systematic variation and `data` do not belong together, or worker processes are killed too often.
    """
    wanted = uncertainties or Uncertainties()
    _check(mc, data, wanted)
    alone = method.with_members(ensemble=0, data=0) if isinstance(method, MemberMethod) else method
    steps = _Within(checkpoint, "nominal ")
    nominal = _with_members(method, wanted).fit(mc, data, seed=seed, progress=progress, checkpoint=steps)
    made = {replica.kind for replica in nominal.replicas}
    fits = [ReplicaFit(kind, index, seed) for kind, index in wanted.replicas() if kind not in made]
    found = {fit: replica_from(fit, kept) for fit in fits if (kept := checkpoint.read(fit.step)) is not None}
    if fits:
        progress.start("replicas", len(fits))
        progress.advance(len(found))
    run = _Run(alone, mc, data, wanted, found, progress, checkpoint, steps)
    waiting = [fit for fit in fits if fit not in found]
    if workers == 1 and scheduler is None:
        run.here(waiting)
    else:
        with tempfile.TemporaryDirectory(prefix="l1ml-replicas-", dir=folder, ignore_cleanup_errors=True) as place:
            run.elsewhere(waiting, Path(place).absolute(), workers, scheduler)
    if fits:
        progress.finish()
    record = {**nominal.record, "uncertainties": {**wanted.to_dict(), "seed": seed}}
    return replace(nominal, record=record).with_replicas(tuple(found[fit] for fit in fits))


def _with_members(method: UnfoldingMethod, wanted: Uncertainties) -> UnfoldingMethod:
    """`method` with the members that are asked for."""
    if not isinstance(method, MemberMethod):
        return method
    return method.with_members(ensemble=wanted.ensemble or None, data=wanted.data or None)


def _check(mc: Simulation, data: Measured, uncertainties: Uncertainties) -> None:
    """Refuse inputs that do not belong together before the first fit."""
    # whether objects are looked at is for the method to say
    check_inputs(mc, data, sets=True)
    for name, variation in uncertainties.systematics.items():
        check_inputs(variation, data, sets=True)
        if variation.gen_names != mc.gen_names:
            msg = f"systematic {name!r} has the true quantities {list(variation.gen_names)}, the simulation {list(mc.gen_names)}"
            raise DataError(msg)


@dataclass(frozen=True, slots=True)
class _Within:
    """Steps of the nominal fit in the checkpoint of the whole; those of the simulation are at hand for bootstraps of the data."""

    whole: Checkpoint
    prefix: str
    simulation: dict[str, Mapping[str, NDArray[Any]]] = field(default_factory=dict)

    def read(self, step: str) -> Mapping[str, NDArray[Any]] | None:
        if (arrays := self.whole.read(self.prefix + step)) is not None:
            self._remember(step, arrays)
        return arrays

    def write(self, step: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._remember(step, arrays)
        self.whole.write(self.prefix + step, arrays)

    def _remember(self, step: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        if step.startswith(SIMULATION):
            self.simulation[step] = arrays


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """What all replicas of an unfolding share, and those that are `found`."""

    method: UnfoldingMethod
    mc: Simulation
    data: Measured
    uncertainties: Uncertainties
    found: dict[ReplicaFit, Replica]
    progress: Progress
    checkpoint: Checkpoint
    nominal: _Within

    def here(self, fits: Sequence[ReplicaFit]) -> None:
        """Make the replicas in this process, one after the other."""
        variations = self.uncertainties.variations()
        for fit in fits:
            name = variations.get((fit.kind, fit.index))
            variation = None if name is None else self.uncertainties.systematics[name]
            self._keep(fit, fit.run(self.method, self.mc, self.data, variation, known=self.nominal.simulation))
            self.progress.advance()

    def elsewhere(self, fits: Sequence[ReplicaFit], folder: Path, workers: int, scheduler: str | None) -> None:
        """Make the replicas on other processes; each one is kept by the checkpoint as soon as it is finished."""
        files = {name: f"variation-{number}" for number, name in enumerate(self.uncertainties.systematics)}
        varied = {files[name]: simulation for name, simulation in self.uncertainties.systematics.items()}
        write_inputs(folder, self.mc, self.data, varied, self.nominal.simulation)
        variation_of = {key: files[name] for key, name in self.uncertainties.variations().items()}
        jobs = [
            ReplicaJob(folder, fit, self.method, variation_of.get((fit.kind, fit.index)), number)
            for number, fit in enumerate(fits)
        ]
        run_kept("replicas", jobs, self._collect, workers=workers, scheduler=scheduler, progress=self.progress)

    def _collect(self, job: ReplicaJob) -> None:
        self._keep(job.fit, job.read())

    def _keep(self, fit: ReplicaFit, replica: Replica) -> None:
        self.checkpoint.write(fit.step, arrays_of(replica))
        self.found[fit] = replica

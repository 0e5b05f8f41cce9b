"""One unfolding from its configuration to its file: what ``l1ml-offline unfold run`` does."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from l1ml import __version__
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from l1ml.storage import digest_of, disk_errors
from offline.folder_checkpoint import FolderCheckpoint
from offline.unfolding.configuration import UnfoldingConfig
from offline.unfolding.inputs import Inputs, read_inputs
from offline.unfolding.replicas import Uncertainties, unfold
from offline.unfolding.unfolded import Unfolded
from offline.unfolding.unfolded_file import write_unfolded

__all__ = ["Study"]

_DISTRIBUTIONS = ("numpy", "scipy", "keras", "tensorflow", "jax", "torch", "bayesflow", "scikit-learn")
_OF_NO_CONSEQUENCE = {"output", "validation"}
"""Tables that change nothing about the result."""


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A configuration with its samples.

    Parameters
    ----------
    config : UnfoldingConfig
        What is wanted.
    inputs : Inputs
        The samples that it names.
    """

    config: UnfoldingConfig
    inputs: Inputs

    @classmethod
    def of(cls, config: UnfoldingConfig, progress: Progress = SILENT) -> Study:
        """Read what `config` names; raises as `read_inputs`."""
        return cls(config, read_inputs(config, progress))

    @property
    def key(self) -> str:
        """Digest of all that decides the result: settings, inputs, versions."""
        settings = {name: value for name, value in self.config.content.items() if name not in _OF_NO_CONSEQUENCE}
        return digest_of([settings, self.inputs.origin, versions()])

    def uncertainties_with(self, inputs: Inputs) -> Uncertainties:
        """Replicas that are asked for, with the systematics of `inputs`, which count without ``[uncertainties]`` too."""
        counts = self.config.tables.uncertainties
        if counts is None:
            return Uncertainties(0, 0, 0, inputs.systematics)
        return counts.uncertainties(inputs.systematics)

    def checkpoint(self, result: Path) -> FolderCheckpoint:
        """Where the steps of the unfolding that is to become the file `result` are kept."""
        return FolderCheckpoint(result.with_name(f"{result.name}-parts") / self.key[:16], self.key)

    def run(self, result: Path, *, workers: int = 1, scheduler: str | None = None, progress: Progress = SILENT) -> Unfolded:
        """Unfold and write the file `result`.

        What is finished is kept beside it, in ``<result>-parts``, until all is: after a stop of any kind the same call goes on
        from there and gives the same result.

        Parameters
        ----------
        result : Path
            The file.
        workers : int
            Processes for the replicas.
        scheduler : str, optional
            Address of a Dask scheduler for them.
        progress : Progress
            Listener.
        """
        checkpoint = self.checkpoint(result)
        with disk_errors(checkpoint.folder):
            checkpoint.folder.mkdir(parents=True, exist_ok=True)
        if others := [path.name for path in checkpoint.folder.parent.iterdir() if path != checkpoint.folder]:
            place = checkpoint.folder.parent
            checkpoint.warn(
                f"{place}: {len(others)} there are of another configuration, of other inputs or versions, and not used"
            )
        unfolded = unfold(
            self.config.method,
            self.inputs.mc,
            self.inputs.data,
            self.uncertainties_with(self.inputs),
            seed=self.config.tables.seed,
            workers=workers,
            scheduler=scheduler,
            folder=checkpoint.folder,
            progress=progress,
            checkpoint=checkpoint,
        )
        unfolded = replace(unfolded, record={**unfolded.record, **self._record()})
        write_unfolded(result, unfolded)
        checkpoint.clear()
        return unfolded

    def check(self, unfolded: Unfolded, path: Path) -> None:
        """Refuse a result, read from `path`, that was made with other inputs than these.

        Raises
        ------
        DataError
            If digests of the inputs differ from those in the record of the result, or quantities do.
        """
        if unfolded.record.get("inputs") != self.inputs.origin or unfolded.names != self.inputs.mc.gen_names:
            msg = (
                f"{path} was not made of what {self.config.path} names: run it again, or give the configuration it was made with"
            )
            raise DataError(msg)

    def _record(self) -> dict[str, Any]:
        """What the file says about its origin."""
        return {
            "units": dict(self.inputs.units),
            "configuration": dict(self.config.content),
            "inputs": dict(self.inputs.origin),
            "versions": versions(),
            "seed": self.config.tables.seed,
            "data_total": float(self.inputs.data.weight.sum()),
        }


def versions() -> dict[str, str]:
    """Software that takes part in an unfolding, as far as it is installed, and the backend that Keras will have."""
    found = {"l1ml": __version__, "backend": os.environ.get("KERAS_BACKEND", "tensorflow")}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found

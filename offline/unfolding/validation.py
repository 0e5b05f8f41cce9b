"""How well an unfolding does where the truth is known: what ``l1ml-offline unfold validate`` does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress
from l1ml.storage import digest_of, disk_errors
from offline.folder_checkpoint import FolderCheckpoint
from offline.unfolding.configuration import UnfoldingConfig
from offline.unfolding.diagnostics import Diagnosis, coverage, diagnose
from offline.unfolding.diagnostics.coverage import Coverage
from offline.unfolding.inputs import Inputs
from offline.unfolding.pseudo_data import Population, SelectedToy, halves, tilted
from offline.unfolding.replicas import Uncertainties, unfold
from offline.unfolding.study import Study
from offline.unfolding.summary import Summary, summary_of, usual_numbers
from offline.unfolding.unfolded import Unfolded

__all__ = ["Validation", "validate"]


@dataclass(frozen=True, eq=False, slots=True)
class Validation:
    """What was found with pseudo-data.

    Parameters
    ----------
    pseudo_data : str
        What they are.
    inputs : Inputs
        The samples of the closure test.
    unfolded : Unfolded
        Its result.
    summary : Summary
        The same in a few numbers.
    diagnosis : Diagnosis
        Distances to the truth, fold-back, convergence.
    coverage : Coverage, optional
        Over toys, if any were asked for.
    """

    pseudo_data: str
    inputs: Inputs
    unfolded: Unfolded
    summary: Summary
    diagnosis: Diagnosis
    coverage: Coverage | None

    def closure_rows(self) -> Iterator[Sequence[Any]]:
        """Triangular discriminator of each quantity to the truth, in thousandths: before, after, after without any difference."""
        for row in self.diagnosis.closure or ():
            before, after = row.before.triangular, row.after.triangular
            yield row.quantity, 1e3 * before.value, 1e3 * after.value, 1e3 * after.floor

    def coverage_rows(self) -> Iterator[Sequence[Any]]:
        """Share of toys whose interval holds the truth, with the ends of its own interval."""
        if self.coverage is not None:
            low, high = self.coverage.intervals
            for index, name in enumerate(self.coverage.names):
                yield name, float(self.coverage.covered[index]), float(low[index]), float(high[index])

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "pseudo_data": self.pseudo_data,
            "summary": self.summary.to_dict(),
            "diagnosis": self.diagnosis.to_dict(),
            "coverage": None if self.coverage is None else self.coverage.to_dict(),
        }


def validate(
    study: Study,
    folder: Path,
    *,
    toys: int | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress = SILENT,
) -> Validation:
    """Unfold pseudo-data, compare with their truth, and count over toys how often intervals hold it.

    Pseudo-data are those of a toy, data files with ``truth = true``, or else half of the simulation, tilted if the configuration
    says so, which the other half unfolds: real data are not looked at. Finished steps are kept in `folder` until all are.

    Parameters
    ----------
    study : Study
        Configuration and samples.
    folder : Path
        For finished steps.
    toys : int, optional
        How many, in place of the number in the configuration.
    workers, scheduler, progress
        As for `unfold`.

    Raises
    ------
    ConfigError
        If coverage is asked for without uncertainties, or over a number of toys that cannot be.
    """
    config = study.config
    wanted = config.tables.validation
    toys = wanted.toys if toys is None else replace(wanted, toys=toys).toys
    if toys and config.tables.uncertainties is None:
        msg = "coverage is about errors: give the number of replicas in [uncertainties]"
        raise ConfigError(msg)
    what, inputs = _pseudo_data(config, study.inputs)
    key = digest_of([study.key, "validation", {**wanted.tilt}])
    checkpoint = FolderCheckpoint(folder / key[:16], key)
    with disk_errors(checkpoint.folder):
        checkpoint.folder.mkdir(parents=True, exist_ok=True)
    crew = {"workers": workers, "scheduler": scheduler, "folder": checkpoint.folder}
    settings: dict[str, Any] = {**crew, "seed": config.tables.seed, "progress": progress, "checkpoint": checkpoint}
    unfolded = unfold(config.method, inputs.mc, inputs.data, study.uncertainties_with(inputs), **settings)
    diagnosis = diagnose(unfolded, inputs.mc, inputs.data, inputs.nature, seed=config.tables.seed)
    covered = _coverage(study, toys, settings) if toys else None
    checkpoint.clear()
    return Validation(what, inputs, unfolded, summary_of(unfolded, inputs), diagnosis, covered)


def _pseudo_data(config: UnfoldingConfig, inputs: Inputs) -> tuple[str, Inputs]:
    """What is unfolded, in words and as samples."""
    tilt = config.tables.validation.tilt
    if inputs.nature is None:
        return "half of the simulation" + (f", tilted by {dict(tilt)}" if tilt else ""), halves(inputs, tilt)
    if tilt:
        msg = "validation.tilt is for pseudo-data made of the simulation, but these have a truth of their own: leave it out"
        raise ConfigError(msg)
    return "toy" if config.tables.toy else "data files with their truth", inputs


def _coverage(study: Study, toys: int, settings: Mapping[str, Any]) -> Coverage:
    """Coverage of the mean and the standard deviation of each quantity, and of the yield."""
    tables, inputs = study.config.tables, study.inputs
    counts = tables.uncertainties
    if tables.toy is not None:
        source: SelectedToy | Population = SelectedToy(tables.toy.gaussian, tables.selection)
        n = tables.toy.simulated, tables.toy.measured
    else:
        source = Population(inputs.mc, tilted(inputs.mc, tables.validation.tilt))
        n = inputs.mc.n, inputs.data.n
    quantities = usual_numbers(inputs.mc.gen_names)
    uncertainties = Uncertainties(0, 0, 0) if counts is None else counts.uncertainties({})
    truth = source.truth(quantities, n[1])
    return coverage(study.config.method, source, toys, quantities, truth, n=n, uncertainties=uncertainties, **settings)

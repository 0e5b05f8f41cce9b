"""Where the files of a model are: the recipe, what a run makes, and the generated projects."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from l1ml.data import Events, read_events
from l1ml.data.generation.pileup_profile import PileupProfile
from l1ml.errors import ConfigError, DataError
from l1ml.model import TriggerModel
from l1ml.storage import read_json
from l1ml.training import CROSSINGS, SampleKind
from l1ml.workflow.recipe import Recipe, read_recipe
from l1ml.workflow.recipe_check import require_recipe

__all__ = ["ZERO_BIAS", "Workspace"]

ZERO_BIAS = CROSSINGS.process


@dataclass(frozen=True)
class Workspace:
    """Folders of one model.

    Parameters
    ----------
    folder : Path
        Holds model.toml and menu.toml; what a run makes goes to ``run/`` inside.
    projects : Path
        Receives one folder per generated project.
    workers : int
        Processes for event generation.
    scale : float, optional
        Replaces the scale of the recipe's ``[events]``; multiplies the number of its ``[jets]``.
    scheduler : str, optional
        Address of a Dask scheduler whose workers generate the events instead.
    conversion : mapping
        Entries that replace those of the recipe's ``[conversion]``.
    pileup_profile : Path, optional
        Table that replaces the pileup of the recipe's ``[events]``, see `l1ml.data.generation.pileup_profile`.
    """

    folder: Path
    projects: Path
    workers: int = 2
    scale: float | None = None
    scheduler: str | None = None
    conversion: Mapping[str, Any] = field(default_factory=dict)
    pileup_profile: Path | None = None

    @property
    def run(self) -> Path:
        """What a run makes: never tracked, never needed by another model."""
        return self.folder / "run"

    @property
    def sample(self) -> Path:
        """Folder of events.json and of the files that it lists."""
        return self.run

    @property
    def menu_file(self) -> Path:
        """The menu as written by hand; a run leaves its thresholds in ``run/menu.toml``."""
        return self.folder / "menu.toml"

    @cached_property
    def recipe(self) -> Recipe:
        """Content of model.toml, with the scale, the pileup and the conversion asked for."""
        recipe = read_recipe(self.folder)
        if self.scale is not None:
            recipe = recipe.scaled(self.scale)
        if self.pileup_profile is not None:
            if recipe.training.sample is not CROSSINGS:
                msg = f"jets have no pileup: {self.folder} takes no pileup profile, received {self.pileup_profile}"
                raise ConfigError(msg)
            recipe = replace(recipe, events=recipe.events.with_profile(PileupProfile.read(self.pileup_profile)))
        return replace(recipe, conversion=replace(recipe.conversion, **self.conversion))

    def require_sample(self, kind: SampleKind, what: str) -> None:
        """Refuse `what` for a model that is not trained on samples of `kind`.

        Raises
        ------
        ConfigError
            Naming what it is trained on.
        """
        own = self.recipe.training.sample
        if own is not kind:
            msg = f"{what} is for models that are trained on {kind.name}; {self.folder} is trained on {own.name}"
            raise ConfigError(msg + f", and everything about it is made by: l1ml run {self.folder}")

    @property
    def exports(self) -> Path:
        """Where a verification puts what it makes of the model alone: the file of its network, its C++."""
        return self.run / "exports"

    def result(self, name: str, verb: str) -> dict[str, Any]:
        """What the step `name` wrote; `verb` makes it.

        Raises
        ------
        DataError
            If the step has not run.
        """
        content: dict[str, Any] = read_json(self.run / f"{name}.json", f"l1ml {verb} {self.folder}")
        return content

    @property
    def model_folder(self) -> Path:
        """Folder of the trained model: that of the last run if there is one, else the shipped one.

        Raises
        ------
        DataError
            If there is neither.
        """
        for folder in (self.run, self.folder):
            if (folder / "golden.h5").is_file():
                return folder
        msg = f"{self.folder} has no trained model, neither shipped nor in run/; make one with: l1ml train {self.folder}"
        raise DataError(msg)

    def model(self) -> TriggerModel:
        """The trained model.

        Raises
        ------
        DataError
            If it is not what the recipe says.
        """
        model = TriggerModel.load(self.model_folder)
        require_recipe(model, self.recipe, self.model_folder)
        return model

    def event_files(self) -> dict[str, Path]:
        """Path of the event file of each process."""
        return {item["process"]: self.sample / item["path"] for item in self._processes()}

    def events(self, process: str) -> Events:
        """All crossings of one process, in the words that the model reads."""
        files = self.event_files()
        if process not in files:
            msg = f"{self.sample / 'events.json'} lists no process {process!r}; it has {', '.join(files)}"
            raise DataError(msg)
        return read_events(files[process], self.recipe.training.schema)

    @property
    def has_events(self) -> bool:
        """Whether events have been generated; a shipped model has none."""
        return (self.sample / "events.json").is_file()

    def event_digests(self) -> Sequence[str]:
        """Digest of each event file, in the order of generation."""
        return [item["digest"] for item in self._processes()]

    def _processes(self) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = read_json(self.sample / "events.json", f"l1ml data generate {self.folder}")["processes"]
        return made

    def projects_of(self, backends: Collection[str]) -> dict[str, Any]:
        """Entries of the generated projects of any of `backends`.

        Raises
        ------
        DataError
            If none has been made.
        """
        made: dict[str, Any] = self.result("conversion", "convert")["projects"]
        found = {backend: item for backend, item in made.items() if backend in backends}
        if not found:
            needed = " or ".join(backends)
            msg = f"a {needed} project is needed, there are {', '.join(made)}; make it with: l1ml convert {self.folder}"
            raise DataError(msg)
        return found

    def project(self, backends: Collection[str]) -> Path:
        """Folder of the generated project of one of `backends`.

        Raises
        ------
        DataError
            If it has not been made or was deleted.
        """
        (item, *_) = self.projects_of(backends).values()
        path = self.projects / str(item["folder"])
        if not path.is_dir():
            msg = f"{path} does not exist; make it again with: l1ml convert {self.folder}"
            raise DataError(msg)
        return path

"""A model trained with another seed: the recipe, menu and events of its folder, results in a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from l1ml.workflow.recipe import Recipe
from l1ml.workflow.workspace import Workspace

__all__ = ["SeedWorkspace"]


@dataclass(frozen=True)
class SeedWorkspace(Workspace):
    """The workspace of one seed; what a step leaves goes to ``run/seeds/<seed>/``.

    Parameters
    ----------
    seed : int
        Of the training, in place of that of the recipe; events and fractions stay.
    """

    seed: int = 1

    @classmethod
    def of(cls, workspace: Workspace, seed: int) -> Self:
        """`workspace` with another seed."""
        return cls(**{item.name: getattr(workspace, item.name) for item in fields(Workspace)}, seed=seed)

    @property
    def sample(self) -> Path:
        """Folder of the events, which all seeds share."""
        return self.folder / "run"

    @property
    def run(self) -> Path:
        """What this seed makes."""
        return self.sample / "seeds" / str(self.seed)

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe with the seed."""
        recipe = Workspace(**{item.name: getattr(self, item.name) for item in fields(Workspace)}).recipe
        return replace(recipe, training=replace(recipe.training, seed=self.seed))

"""A variant of a model: the menu and events of its folder, a recipe and results of its own."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Self

from l1ml.errors import DataError
from l1ml.workflow.leaderboard.variant import SHIPPED, Variant
from l1ml.workflow.recipe import Recipe
from l1ml.workflow.workspace import Workspace

__all__ = ["VariantWorkspace"]


@dataclass(frozen=True)
class VariantWorkspace(Workspace):
    """The workspace of one variant; what a step leaves goes to ``run/variants/<name>/``.

    Parameters
    ----------
    variant : Variant
        Which one.
    """

    variant: Variant = SHIPPED

    @classmethod
    def of(cls, workspace: Workspace, variant: Variant) -> Self:
        """The `variant` of the model of `workspace`."""
        return cls(**{item.name: getattr(workspace, item.name) for item in fields(Workspace)}, variant=variant)

    @property
    def whole(self) -> Workspace:
        """The workspace of the model itself."""
        return Workspace(**{item.name: getattr(self, item.name) for item in fields(Workspace)})

    @property
    def sample(self) -> Path:
        """Folder of the events, which all variants share."""
        return self.folder / "run"

    @property
    def run(self) -> Path:
        """What this variant makes."""
        return self.sample / "variants" / self.variant.name

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe of the variant."""
        return self.variant.recipe(self.whole.recipe)

    @property
    def model_folder(self) -> Path:
        """What was trained for the variant; of the shipped one that beside the recipe, or of the last run if none is shipped.

        Raises
        ------
        DataError
            If there is none.
        """
        for folder in (self.run,) if self.variant.is_trained else (self.folder, self.sample):
            if (folder / "golden.h5").is_file():
                return folder
        msg = f"{self.folder} has no trained model for the variant {self.variant.name!r}; make it with: l1ml "
        raise DataError(msg + (f"leaderboard {self.folder}" if self.variant.is_trained else f"run --promote {self.folder}"))

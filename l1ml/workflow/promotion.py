"""Make what the last run trained the shipped version of a model."""

from __future__ import annotations

from pathlib import Path

from l1ml.errors import DataError
from l1ml.model import TriggerModel
from l1ml.reporting.model_card import model_card
from l1ml.storage import read_json, write_text
from l1ml.workflow.recipe_check import require_recipe
from l1ml.workflow.workspace import Workspace

__all__ = ["promote"]


def promote(workspace: Workspace) -> list[Path]:
    """Copy weights and golden words of the last run beside model.toml, and write the model card.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    DataError
        If the last run is not complete, its model is not what the recipe says, or its report is about another one.
    """
    model = TriggerModel.load(workspace.run)
    require_recipe(model, workspace.recipe, workspace.run)
    report = read_json(workspace.run / "report" / "report.json", f"l1ml run {workspace.folder}")
    if report["run"]["digests"]["model"] != model.digest:
        msg = f"the report is about model {report['run']['digests']['model'][:8]}, run/ holds {model.digest[:8]}; run again"
        raise DataError(msg)
    model.save(workspace.folder)
    write_text(workspace.folder / "README.md", model_card(workspace.recipe.model.description, model.name, report))
    return [workspace.folder / name for name in ("weights.keras", "golden.h5", "README.md")]

"""Step 3: the encoder and its score as an HLS project and as an RTL project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from l1ml.conversion.hls import hls_project
from l1ml.conversion.project import FirmwareProject
from l1ml.conversion.rtl import rtl_project
from l1ml.errors import DataError
from l1ml.model import TriggerModel
from l1ml.progress import Progress
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import Workspace

__all__ = ["CONVERSION"]

_CONVERTERS = (hls_project, rtl_project)


def _inputs(workspace: Workspace) -> Any:
    return {"model": workspace.model().digest, "conversion": workspace.recipe.conversion.to_dict()}


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    model = workspace.model()
    _check_name(model, workspace)
    progress.start("conversion", len(_CONVERTERS))
    projects = {}
    for convert in _CONVERTERS:
        project = convert(model, workspace.recipe.conversion)
        projects[project.backend] = _entry(project, project.write(workspace.projects))
        progress.advance()
    progress.finish()
    return {"model_digest": model.digest, "projects": projects}


def _check_name(model: TriggerModel, workspace: Workspace) -> None:
    """A model of another name would make folders that nobody looks for."""
    if model.name != workspace.recipe.model.name:
        msg = f"{workspace.model_folder} holds the model {model.name!r}, model.toml says {workspace.recipe.model.name!r}"
        raise DataError(msg)


def _entry(project: FirmwareProject, folder: Path) -> dict[str, Any]:
    return {"folder": folder.name, "digest": project.digest, "n_files": len(project.files), "manifest": project.manifest}


def _products(workspace: Workspace, content: dict[str, Any]) -> bool:
    return all((workspace.projects / item["folder"]).is_dir() for item in content["projects"].values())


CONVERSION = Step("conversion", "convert", _inputs, _work, _products)

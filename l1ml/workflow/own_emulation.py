"""What ``l1ml emulate`` computes of a model without further words: its own events, with the menu of its run."""

from __future__ import annotations

from pathlib import Path

from l1ml.errors import DataError
from l1ml.workflow.workspace import Workspace

__all__ = ["own_emulation"]


def own_emulation(workspace: Workspace) -> tuple[Path, Path, dict[Path, Path]]:
    """Folder of the last trained model, menu of its run, and by event file the decision file, ``run/decisions/<process>.h5``.

    Raises
    ------
    DataError
        If the events have not been made, or no thresholds have been derived.
    """
    menu_file = workspace.run / "menu.toml"
    if not menu_file.is_file():
        msg = f"{menu_file} does not exist: derive the thresholds with l1ml menu rates {workspace.folder}, or give --on FILE"
        raise DataError(msg)
    folder = workspace.run / "decisions"
    return (
        workspace.model_folder,
        menu_file,
        {path: folder / f"{process}.h5" for process, path in workspace.event_files().items()},
    )

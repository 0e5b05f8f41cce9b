"""What ``l1ml emulate`` computes of a model without further words: its own events, with the menu of its run."""

from __future__ import annotations

from pathlib import Path

from l1ml.emulation.portable import PortableNetwork
from l1ml.errors import DataError
from l1ml.trigger.file_emulation import Emulation
from l1ml.trigger.menus.toml_menu import read_toml_menu
from l1ml.workflow.workspace import Workspace

__all__ = ["own_emulation"]


def own_emulation(workspace: Workspace) -> tuple[Emulation, dict[Path, Path]]:
    """The model with its menu, and for each of its event files the decision file, ``run/decisions/<process>.h5``.

    Raises
    ------
    DataError
        If the events have not been made, or no thresholds have been derived.
    """
    menu_file = workspace.run / "menu.toml"
    if not menu_file.is_file():
        msg = f"{menu_file} does not exist: derive the thresholds with l1ml menu rates {workspace.folder}, or give --on FILE"
        raise DataError(msg)
    network = PortableNetwork.of_model(workspace.model())
    folder = workspace.run / "decisions"
    outputs = {path: folder / f"{process}.h5" for process, path in workspace.event_files().items()}
    return Emulation({network.name: network}, read_toml_menu(menu_file)), outputs

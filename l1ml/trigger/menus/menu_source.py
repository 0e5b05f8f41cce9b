"""A menu as the files that say it: the document, run settings, and columns of a prescale table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from l1ml.errors import ConfigError
from l1ml.storage import digest_of
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.prescale_table import PrescaleTable, read_prescale_table
from l1ml.trigger.menus.reader import read_menu
from l1ml.trigger.menus.run_settings import read_run_settings

__all__ = ["MenuSource"]

_TABLE = ".csv"


@dataclass(frozen=True, slots=True)
class MenuSource:
    """Where a menu and its settings are: few bytes, from which every process makes the same menu.

    Parameters
    ----------
    path : Path
        The menu document: XML, HTML report or TOML.
    settings : tuple of Path
        A prescale table (CSV) and run settings (XML, with masks, with or without prescales), in any order.
    columns : tuple of str
        Columns of the prescale table; the menu gets the prescales of the first.
    bunches : int, optional
        Colliding bunch pairs; by default what the menu says.
    """

    path: Path
    settings: tuple[Path, ...] = ()
    columns: tuple[str, ...] = ()
    bunches: int | None = None

    def read(self) -> tuple[Menu, PrescaleTable | None]:
        """The menu with its settings, and the prescale table if there is one.

        Raises
        ------
        ConfigError
            If there is a prescale table without a column or a column without a table, two tables, or no such column.
        DataError
            If a file is missing or damaged.
        """
        menu = read_menu(self.path)
        if self.bunches is not None:
            menu = replace(menu, rates=replace(menu.rates, n_bunches=self.bunches))
        tables = []
        for path in self.settings:
            menu, table = _with_settings(menu, path)
            tables += [] if table is None else [table]
        if len(tables) > 1 or (self.columns and not tables) or (tables and not self.columns):
            known = ", ".join(tables[0].columns) if tables else "none"
            msg = f"name one file with prescales (--settings) and a column of it (--column); columns: {known}"
            raise ConfigError(msg)
        return (tables[0].applied_to(menu, self.columns[0]), tables[0]) if tables else (menu, None)

    def content(self) -> dict[str, Any]:
        """What decides the menu, as JSON values: digests of the files and the choices."""
        files = [digest_of(path.read_bytes()) for path in (self.path, *self.settings)]
        return {"files": files, "columns": list(self.columns), "bunches": self.bunches}


def _with_settings(menu: Menu, path: Path) -> tuple[Menu, PrescaleTable | None]:
    """`menu` with the masks in `path`, and the prescale table there, if it holds them."""
    if path.suffix == _TABLE:
        return menu, read_prescale_table(path)
    settings = read_run_settings(path)
    return settings.applied_to(menu), settings.prescale_table(menu) if settings.prescales else None

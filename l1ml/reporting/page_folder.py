"""A folder that is a page: numbers as JSON, text as Markdown, and pictures beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l1ml.errors import StorageError
from l1ml.reporting.rendering import RenderedFigure
from l1ml.storage import atomic_path, write_bytes, write_json, write_text

__all__ = ["PageFolder"]


@dataclass(frozen=True, slots=True)
class PageFolder:
    """Names of the files of one kind of page.

    Parameters
    ----------
    what : str
        It holds, for messages.
    numbers, page : str
        Its files beside the pictures.
    """

    what: str
    numbers: str
    page: str

    def check(self, folder: Path) -> None:
        """Refuse a `folder` that is there and is neither empty nor an older page.

        Raises
        ------
        StorageError
            If it is such a folder, or no folder.
        """
        if folder.exists() and not self._is_page(folder):
            msg = f"{folder} holds something else than an older {self.what} and is not replaced; name another folder"
            raise StorageError(msg)

    def write(self, folder: Path, content: Any, paragraphs: Iterable[str], figures: Sequence[RenderedFigure]) -> list[Path]:
        """Write numbers, pictures and text into `folder`, whole or not at all; returns its files."""
        with atomic_path(folder) as part:
            write_json(part / self.numbers, content)
            for figure in figures:
                write_bytes(part / f"{figure.name}.png", figure.png)
            shown = [f"![{figure.caption}]({figure.name}.png)\n\n{figure.caption}" for figure in figures]
            write_text(part / self.page, "\n\n".join([*paragraphs, *shown]) + "\n")
        return [folder / name for name in (self.numbers, *(f"{figure.name}.png" for figure in figures), self.page)]

    def _is_page(self, folder: Path) -> bool:
        """Whether `folder` is empty, or holds what such a page has and nothing else."""
        if not folder.is_dir():
            return False
        own, names = {self.numbers, self.page}, {path.name for path in folder.iterdir()}
        return not names or (own <= names and all(name in own or name.endswith(".png") for name in names))

"""Which files of a published folder make up the network, found by following its includes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from l1ml.emulation.published.declarations import Prototype, Table, find_prototype, find_tables, included_names, without_comments
from l1ml.errors import ConversionError, DataError
from l1ml.storage import digest_of

__all__ = ["PublishedSources", "find_sources"]

_LIBRARY_FOLDERS = {"nnet_utils", "nn_utils", "ap_types"}


@dataclass(frozen=True, slots=True)
class PublishedSources:
    """The sources of one published network.

    Parameters
    ----------
    header, source : Path
        Where the top function is declared and defined.
    prototype : Prototype
        Its declaration.
    emulator : Path or None
        Source of the class behind ``create_model``, if there is one.
    folders : tuple of Path
        Where includes are looked for, in order.
    files : tuple of Path
        Every file of the folder, and of further include folders, that enters.
    """

    header: Path
    source: Path
    prototype: Prototype
    emulator: Path | None
    folders: tuple[Path, ...]
    files: tuple[Path, ...]

    @property
    def name(self) -> str:
        """Name of the top function."""
        return self.header.stem

    @property
    def digest(self) -> str:
        """SHA-256 of the files that enter and how they lie to each other; not of where they lie."""
        return digest_of({os.path.relpath(path, self.header.parent): digest_of(path.read_bytes()) for path in self.files})

    @property
    def own_headers(self) -> tuple[Path, ...]:
        """Headers of the network itself, without the layers and number types that come with them."""
        return tuple(path for path in self.files if path.suffix != ".cpp" and not _LIBRARY_FOLDERS & set(path.parts))

    def value_tables(self) -> list[tuple[Path, Table]]:
        """Tables of constants that the top function reads, each with its header; those of the emulator class are its own."""
        reached = set(_closure([self.source], self.folders)) & set(self.own_headers)
        return [(path, table) for path in sorted(reached) for table in find_tables(_read(path))]


def find_sources(folder: Path, top: str | None, emulator: str | None, includes: Sequence[Path]) -> PublishedSources:
    """Sources of the network in `folder`.

    Parameters
    ----------
    folder : Path
        What was published.
    top : str or None
        Name of the top function; needed if `folder` has several.
    emulator : str or None
        Path, from `folder`, of the source that defines ``create_model``; needed if several do.
    includes : sequence of Path
        Further folders to look for includes in, after those of the network.

    Raises
    ------
    DataError
        If a folder is missing.
    ConversionError
        If there is no network in it, more than one, or a header of layers is missing.
    """
    for item in (folder, *includes):
        if not item.is_dir():
            msg = f"{item} is no folder; expected one with the C++ of a network, such as hls4ml writes"
            raise DataError(msg)
    root = folder.resolve()
    header, prototype = _top(root, top)
    source = _one(
        [path for path in _cpp(root) if path.name == f"{header.stem}.cpp"], root, f"{header.stem}.cpp", "give its folder"
    )
    own = dict.fromkeys([header.parent, header.parent.parent, root])
    types = [path / "ap_types" for path in own if (path / "ap_types" / "ap_fixed.h").is_file()][:1]
    folders = (*own, *types, *(item.resolve() for item in includes))
    model = _emulator(root, header, emulator, folders)
    files = _closure([header, source, *([model] if model else [])], folders)
    return PublishedSources(header, source, prototype, model, folders, files)


def _top(root: Path, top: str | None) -> tuple[Path, Prototype]:
    """Header and prototype of the one function that is named like its header."""
    found: dict[Path, Prototype] = {}
    for path in sorted(root.rglob("*.h")):
        if not _LIBRARY_FOLDERS & set(path.relative_to(root).parts) and (top is None or path.stem == top):
            prototype = find_prototype(_read(path), path.stem)
            if prototype is not None:
                found[path] = prototype
    wanted = "declaration 'void <name>(...);' in <name>.h" if top is None else f"declaration 'void {top}(...);' in {top}.h"
    header = _one(list(found), root, wanted, "choose one with top=<name>, or give its own folder")
    return header, found[header]


def _emulator(root: Path, header: Path, chosen: str | None, folders: tuple[Path, ...]) -> Path | None:
    """The source that defines ``create_model`` for the network of `header`; None if the folder has only the network."""
    if chosen is not None:
        path = (root / chosen).resolve()
        if not path.is_file():
            msg = f"emulator={chosen!r} is no file in {root}; there are {', '.join(_names(_cpp(root), root))}"
            raise ConversionError(msg)
        return path
    makers = [path for path in _cpp(root) if re.search(r"\bcreate_model\s*\(", _read(path))]
    found = [path for path in makers if header in _closure([path], (path.parent, *folders))]
    if not found:
        return None
    return _one(found, root, "source with create_model", "choose one with emulator=<path>")


def _one(found: list[Path], root: Path, what: str, remedy: str) -> Path:
    if len(found) == 1:
        return found[0]
    if not found:
        there = _names([path for path in root.rglob("*") if path.suffix in {".h", ".hpp", ".cpp", ".cc"}], root)
        msg = f"{root} has no {what}; its C++ files: {', '.join(there[:8]) or 'none'}"
    else:
        msg = f"{root} has {len(found)} of: {what} ({', '.join(_names(found, root))}); {remedy}"
    raise ConversionError(msg)


def _closure(start: list[Path], folders: tuple[Path, ...]) -> tuple[Path, ...]:
    """The files of `start` and all that they include, as far as it is found in `folders` or beside the including file."""
    found: dict[Path, None] = {}
    waiting = list(start)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = None
            waiting += _included(path, folders)
    return tuple(sorted(found))


def _included(path: Path, folders: tuple[Path, ...]) -> Iterator[Path]:
    for name in included_names(_read(path)):
        files = [place / name for place in (path.parent, *folders) if (place / name).is_file()]
        if files:
            yield Path(os.path.normpath(files[0]))
        elif "/nnet_" in f"/{name}":
            msg = f"{path} includes {name!r}, which is not in {path.parent}; add the folder that has it with includes=[...]"
            raise ConversionError(msg)


def _cpp(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*.cpp") if path.is_file())


def _names(paths: Sequence[Path], root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in paths)


def _read(path: Path) -> str:
    try:
        return without_comments(path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror})"
        raise DataError(msg) from error

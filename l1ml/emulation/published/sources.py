"""Which files of a published folder make up the network, found by following its includes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from l1ml.emulation.published.declarations import (
    Prototype,
    Table,
    declared_functions,
    find_prototype,
    find_tables,
    included_names,
    without_comments,
)
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
        return self.prototype.name

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
    makers = _makers(root)
    header, name = _top(root, top, makers)
    prototype = find_prototype(_read(header), name)
    source = _one(root.rglob(f"{header.stem}.cpp"), root, f"{header.stem}.cpp", "give its folder")
    own = dict.fromkeys([header.parent, header.parent.parent, root])
    types = [path / "ap_types" for path in own if (path / "ap_types" / "ap_fixed.h").is_file()][:1]
    folders = (*own, *types, *(item.resolve() for item in includes))
    model = _chosen(root, emulator) if emulator is not None else _emulator(root, header, makers)
    files = _closure([header, source, *([model] if model else [])], folders)
    return PublishedSources(header, source, prototype, model, folders, files)


def _makers(root: Path) -> dict[Path, set[Path]]:
    """Sources that define ``create_model``, and what each of them includes of its own folder."""
    found = [path for path in sorted(root.rglob("*.cpp")) if re.search(r"\bcreate_model\s*\(", _read(path))]
    return {path: set(_closure([path], (), strict=False)) for path in found}


def _top(root: Path, top: str | None, makers: Mapping[Path, set[Path]]) -> tuple[Path, str]:
    """Header and name of the top function: one named like its header, if there is one in it, that an emulator class sees."""
    found: dict[Path, list[str]] = {}
    for path in sorted(root.rglob("*.h")):
        if not _LIBRARY_FOLDERS & set(path.relative_to(root).parts):
            names = [name for name in declared_functions(_read(path)) if top in {None, name}]
            if names:
                found[path] = [path.stem] if path.stem in names else names
    seen = {path for reached in makers.values() for path in reached}
    candidates = [path for path in found if path in seen] or list(found)
    wanted = f"declaration 'void {top or '<name>'}(...);' in a header"
    header = _one(candidates, root, wanted, "choose one with top=<name>, or give its own folder")
    if len(found[header]) > 1:
        msg = f"{header} declares {len(found[header])} functions ({', '.join(found[header])}); choose one with top=<name>"
        raise ConversionError(msg)
    return header, found[header][0]


def _emulator(root: Path, header: Path, makers: Mapping[Path, set[Path]]) -> Path | None:
    """The source of the class that sees `header`; None if the folder has only the network."""
    found = [path for path, reached in makers.items() if header in reached]
    return _one(found, root, "source with create_model", "choose one with emulator=<path>") if found else None


def _chosen(root: Path, emulator: str) -> Path:
    path = (root / emulator).resolve()
    if not path.is_file():
        msg = f"emulator={emulator!r} is no file in {root}; there are {', '.join(_names(root.rglob('*.cpp'), root))}"
        raise ConversionError(msg)
    return path


def _one(paths: Iterable[Path], root: Path, what: str, remedy: str) -> Path:
    found = list(paths)
    if len(found) == 1:
        return found[0]
    if not found:
        there = _names([path for path in root.rglob("*") if path.suffix in {".h", ".hpp", ".cpp", ".cc"}], root)
        msg = f"{root} has no {what}; its C++ files: {', '.join(there[:8]) or 'none'}"
    else:
        msg = f"{root} has {len(found)} of: {what} ({', '.join(_names(found, root))}); {remedy}"
    raise ConversionError(msg)


def _closure(start: list[Path], folders: tuple[Path, ...], *, strict: bool = True) -> tuple[Path, ...]:
    """The files of `start` and all that they include, as far as it is found in `folders` or beside the including file.

    If `strict`, a header of layers that is not found is an error: there is no compiling without it.
    """
    found: dict[Path, None] = {}
    waiting = list(start)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = None
            waiting += _included(path, folders, strict=strict)
    return tuple(sorted(found))


def _included(path: Path, folders: tuple[Path, ...], *, strict: bool) -> Iterator[Path]:
    for name in included_names(_read(path)):
        files = [place / name for place in (path.parent, *folders) if (place / name).is_file()]
        if files:
            yield Path(os.path.normpath(files[0]))
        elif strict and "/nnet_" in f"/{name}":
            msg = f"{path} includes {name!r}, which is not in {path.parent}; add the folder that has it with includes=[...]"
            raise ConversionError(msg)


def _names(paths: Iterable[Path], root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in paths)


def _read(path: Path) -> str:
    try:
        return without_comments(path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror})"
        raise DataError(msg) from error

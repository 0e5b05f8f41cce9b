"""A firmware project as a value: the files that become a bitstream, before they are on disk."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from l1ml.errors import ConversionError, DataError, StorageError
from l1ml.storage import atomic_path, digest_of, read_json

__all__ = ["BUILD_FOLDER", "CPP", "MANIFEST", "FirmwareProject", "project_files", "read_manifest", "top_name", "written_digest"]

MANIFEST = "manifest.json"
BUILD_FOLDER = "build"
"""Folder inside a written project for what simulators and synthesis make; no part of the project."""

CPP = "cpp"
"""Back end of a project for software: the network itself in C++17, see `l1ml.conversion.cpp`."""

_FORMAT = "l1ml-project"
_FORMAT_VERSION = 2


@dataclass(frozen=True, eq=False)
class FirmwareProject:
    """Files of a generated project and what they are.

    Parameters
    ----------
    name : str
        Name of the model.
    backend : str
        One of `HLS_BACKENDS` (C++), or ``verilog`` or ``vhdl`` (RTL), or `CPP`.
    files : mapping of PurePosixPath to bytes
        Content of each file, by its path inside the project.
    description : mapping
        What the manifest says beside name, back end and digest: model, tools, ports, formats, clock, part.

    Raises
    ------
    ConversionError
        If a path is absolute, climbs out of the project, or takes a name that belongs to l1ml, or the name is none of a folder.
    """

    name: str
    backend: str
    files: Mapping[PurePosixPath, bytes]
    description: Mapping[str, Any]

    def __post_init__(self) -> None:
        if PurePosixPath(self.name).parts != (self.name,):
            msg = f"a project cannot be named {self.name!r}: a folder is called after it, give one name without a slash"
            raise ConversionError(msg)
        for path in self.files:
            if path.is_absolute() or ".." in path.parts or path.parts[:1] in ((), (MANIFEST,), (BUILD_FOLDER,)):
                msg = f"a project cannot hold {str(path)!r}: paths are relative, inside, and not {MANIFEST} or {BUILD_FOLDER}/"
                raise ConversionError(msg)
        object.__setattr__(self, "files", MappingProxyType(dict(sorted(self.files.items()))))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all paths and contents, the manifest excepted."""
        return _digest(self.files)

    @property
    def folder_name(self) -> str:
        """Folder of the project: ``<model>-<backend>-<digest8>``."""
        return f"{self.name}-{self.backend}-{self.digest[:8]}"

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Content of ``manifest.json``."""
        head = {"format": _FORMAT, "format_version": _FORMAT_VERSION, "name": self.name, "backend": self.backend}
        return {**head, "project_digest": self.digest, **self.description}

    def write(self, root: Path) -> Path:
        """Write the project to ``root/<folder_name>``, whole or not at all, and return that folder.

        A folder that already holds exactly these files is left alone, with what was built inside it.

        Raises
        ------
        StorageError
            If the disk is full, `root` cannot be written, or the folder holds anything but this project.
        """
        folder = root / self.folder_name
        manifest = (json.dumps(self.manifest, indent=1, allow_nan=False) + "\n").encode()
        self._check_place(folder)
        if self._is_written(folder, manifest):
            return folder
        with atomic_path(folder) as part:
            for path, content in {**self.files, PurePosixPath(MANIFEST): manifest}.items():
                target = part / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                if path.suffix == ".sh":
                    target.chmod(0o755)
        return folder

    def _check_place(self, folder: Path) -> None:
        """Refuse to replace anything but this very project, whole or damaged."""
        for place in (folder, *folder.parents):
            if place.exists() and not place.is_dir():
                msg = f"{folder} cannot be written: {place} is a file; name another folder with --projects"
                raise StorageError(errno.ENOTDIR, msg)
        if not folder.exists() or not any(folder.iterdir()):
            return
        held = _held(folder)
        if held != (self.name, self.backend, self.digest):
            what = f"the {held[1]} project {held[2][:8]} of model {held[0]!r}" if held else f"files and no {MANIFEST} of l1ml"
            msg = f"{folder} holds {what}; nothing was changed: move it away, or name another folder with --projects"
            raise StorageError(errno.EEXIST, msg)

    def _is_written(self, folder: Path, manifest: bytes) -> bool:
        """Whether `folder` holds these files and no others."""
        path = folder / MANIFEST
        return path.is_file() and path.read_bytes() == manifest and written_digest(folder) == self.digest


def _held(folder: Path) -> tuple[str, str, str] | None:
    """Name, back end and digest of the project that `folder` says it holds."""
    try:
        manifest = read_manifest(folder)
    except DataError:
        return None
    return str(manifest.get("name")), str(manifest.get("backend")), str(manifest.get("project_digest"))


def _digest(files: Mapping[PurePosixPath, bytes]) -> str:
    return digest_of({str(path): digest_of(content) for path, content in files.items()})


def project_files(folder: Path) -> dict[PurePosixPath, bytes]:
    """Files of the written project `folder`, without its manifest and what was built in it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {PurePosixPath(path.relative_to(folder).as_posix()): path for path in paths}
    return {name: path.read_bytes() for name, path in named.items() if name.parts[0] not in (MANIFEST, BUILD_FOLDER)}


def written_digest(folder: Path) -> str:
    """Digest of the project that `folder` holds now, whatever its manifest says: that of `FirmwareProject.digest`."""
    return _digest(project_files(folder))


def read_manifest(folder: Path, *backends: str) -> dict[str, Any]:
    """Manifest of the written project `folder`.

    Parameters
    ----------
    folder : Path
        A folder that `FirmwareProject.write` made.
    *backends : str
        Refuse a project of any other back end; none of them accepts all.

    Raises
    ------
    DataError
        If there is no manifest, or it is of another format or back end.
    """
    verb = "l1ml export cpp" if CPP in backends else "l1ml convert"
    manifest = read_json(folder / MANIFEST, f"{verb} <model folder>")
    if manifest.get("format") != _FORMAT or manifest.get("format_version") != _FORMAT_VERSION:
        msg = f"{folder / MANIFEST} is no {_FORMAT} of version {_FORMAT_VERSION}; convert the model again"
        raise DataError(msg)
    if backends and manifest["backend"] not in backends:
        needed = " or ".join(backends)
        msg = f"{folder} is a {manifest['backend']} project, a {needed} project is needed: {verb} writes one"
        raise DataError(msg)
    return dict(manifest)


def top_name(name: str) -> str:
    """Name of the top function or module of the model `name`; no keyword of C++, Verilog or Tcl ends like that.

    Examples
    --------
    >>> top_name("small"), top_name("4b-axo")
    ('small_top', 'm_4b_axo_top')
    """
    clean = re.sub(r"\W", "_", name, flags=re.ASCII)
    return f"{clean if clean[:1].isalpha() else f'm_{clean}'}_top"

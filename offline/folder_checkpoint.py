"""Finished steps of a long fit, each in a file of its own: what a stopped run goes on from."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.console import tell
from l1ml.storage import digest_of, write_bytes

__all__ = ["FolderCheckpoint"]

_MAGIC = b"l1ml-checkpoint-1"
_SUFFIX = ".step"


@dataclass(frozen=True, slots=True)
class FolderCheckpoint:
    """A folder with a file for each finished step.

    A file is trusted only if it says that it is of this fit and of this step, and if its digest agrees; any other is left alone
    and the step done again. Writing is atomic, so that a kill leaves a step whole or absent.

    Parameters
    ----------
    folder : Path
        The folder; made with the first step.
    key : str
        Digest of all that decides the result: inputs, settings, seed, versions of the software.
    warn : callable
        Told, in one line, of a file that is not used.
    """

    folder: Path
    key: str
    warn: Callable[[str], None] = tell

    def path(self, step: str) -> Path:
        """Where `step` is kept."""
        readable = "".join(letter if letter.isalnum() else "-" for letter in step)[:60]
        return self.folder / f"{readable}-{digest_of(step)[:12]}{_SUFFIX}"

    def read(self, step: str) -> Mapping[str, NDArray[Any]] | None:
        """Arrays kept for `step`; none where there are none that can be trusted."""
        path = self.path(step)
        if not path.is_file():
            return None
        head, _, body = path.read_bytes().partition(b"\n")
        if head != self._head(step, body):
            foreign = head.startswith(_MAGIC) and not head.startswith(self._belongs(step))
            self.warn(f"{path} is {'of another fit' if foreign else 'damaged'} and not used; the step is done again")
            return None
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            return dict(arrays)

    def write(self, step: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep `arrays` for `step`, whole or not at all.

        Raises
        ------
        StorageError
            If the disk is full or the folder cannot be written.
        """
        body = _packed(arrays)
        write_bytes(self.path(step), self._head(step, body) + b"\n" + body)

    def clear(self) -> None:
        """Delete the folder, once the result is safe elsewhere, and the one around it if nothing else is in there."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):
            self.folder.parent.rmdir()

    def _belongs(self, step: str) -> bytes:
        """First words of the file of `step`."""
        return b" ".join([_MAGIC, self.key.encode(), json.dumps(step).encode()])

    def _head(self, step: str, body: bytes) -> bytes:
        """First line of the file of `step`."""
        return self._belongs(step) + b" " + hashlib.sha256(body).hexdigest().encode()


def _packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """`arrays` as numpy packs them, under any names: ``np.savez`` takes names as keywords and knows some of its own."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, values in arrays.items():
            with file.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(values), allow_pickle=False)
    return buffer.getvalue()

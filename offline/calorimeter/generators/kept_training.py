"""Where trainings are kept until they are over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml import __version__
from l1ml._optional import require
from l1ml.storage import digest_of
from offline.folder_checkpoint import FolderCheckpoint

__all__ = ["array_digest", "kept_training"]


def kept_training(folder: Path | None, decides: Mapping[str, Any]) -> FolderCheckpoint | None:
    """In `folder`, under the digest of all that decides the weights: what is given, and the software; none for no folder."""
    if folder is None:
        return None
    backend = require("keras").backend.backend()
    software = {"l1ml": __version__, "backend": backend, **{name: version(name) for name in ("numpy", "keras", backend)}}
    key = digest_of({**decides, "software": software})
    return FolderCheckpoint(folder / key[:16], key)


def array_digest(array: NDArray[Any]) -> str:
    """SHA-256 of the numbers of an array."""
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()

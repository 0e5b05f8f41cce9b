"""The state of a training after each epoch, in one file: a training that was killed goes on from there."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.storage import write_bytes

__all__ = ["Checkpoint", "State"]


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Where a training is.

    Parameters
    ----------
    facts : mapping
        JSON values: epochs done, losses, early stopping.
    arrays : sequence of ndarray
        Everything that the next epoch starts from, in an order that its owner knows.
    """

    facts: dict[str, Any]
    arrays: Sequence[NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file for the state of one training.

    Parameters
    ----------
    path : Path
        The file, written whole or not at all.
    key : str
        Digest of everything that decides the training: the state of another one is not taken.
    """

    path: Path
    key: str

    def save(self, state: State) -> None:
        """Replace the file by `state`.

        Raises
        ------
        StorageError
            If the disk is full.
        """
        buffer = io.BytesIO()
        facts = json.dumps({"key": self.key, "facts": state.facts}, allow_nan=False)
        named: dict[str, Any] = {f"array_{index}": values for index, values in enumerate(state.arrays)}
        np.savez(buffer, facts=np.array(facts), **named)
        write_bytes(self.path, buffer.getvalue())

    def load(self) -> State | None:
        """The state, or None where there is none of this training; a damaged file is none: the training starts anew."""
        try:
            with np.load(io.BytesIO(self.path.read_bytes()), allow_pickle=False) as file:
                header = json.loads(str(file["facts"]))
                arrays = [file[f"array_{index}"] for index in range(len(file.files) - 1)]
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
            return None
        return State(header["facts"], arrays) if header.get("key") == self.key else None

    def beside(self, stage: str) -> Checkpoint:
        """A file beside this one, for one `stage` of several that make up the training."""
        return Checkpoint(self.path.with_suffix(f".{stage}.npz"), f"{self.key} {stage}")

    def remove(self) -> None:
        """Delete the file if there is one."""
        self.path.unlink(missing_ok=True)

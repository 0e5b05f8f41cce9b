"""Programs that l1ml starts: found or named, and their output kept."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from l1ml.errors import ConversionError, ToolNotFoundError

__all__ = ["find_program", "run_program"]

_N_SHOWN = 300


def find_program(names: Sequence[str], without: str) -> str:
    """Path of the first of `names` on PATH.

    Parameters
    ----------
    names : sequence of str
        Programs, any of which will do.
    without : str
        What works without it; part of the message.

    Raises
    ------
    ToolNotFoundError
        If none is there.
    """
    for name in names:
        found = shutil.which(name)
        if found is not None:
            return found
    msg = f"{' or '.join(names)} is not on PATH: install it, or {without}"
    raise ToolNotFoundError(msg)


def run_program(command: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run `command` in `folder`; both of its output streams go to the file `log`.

    Raises
    ------
    ConversionError
        If it fails, with its last words and the path of the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream:
        # a list and no shell: names of files and parts are never interpreted
        done = subprocess.run(command, cwd=folder, stdout=stream, stderr=subprocess.STDOUT, env=environment, check=False)
    if done.returncode != 0:
        msg = f"{Path(command[0]).name} failed ({done.returncode}): {_last_words(log)} (whole output: {log})"
        raise ConversionError(msg)


def _last_words(log: Path) -> str:
    """The first line of `log` that says "error", or else the last one."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines[-1:] or ["no output"])[0][:_N_SHOWN]

"""Programs that l1ml starts: found or named, and their output kept."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Literal

from l1ml.errors import ConversionError, ToolNotFoundError

__all__ = ["find_program", "run_program"]

_N_SHOWN = 300
_GRACE_S = 5.0
_ERROR = re.compile(r"\berror\b", re.IGNORECASE)
"""Not the plural: tools end with "0 errors"."""


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


def run_program(
    command: Sequence[str],
    folder: Path,
    log: Path,
    environment: Mapping[str, str] | None = None,
    *,
    output: Path | None = None,
    timeout_s: float | None = None,
    quoted: Literal["first", "last"] = "first",
) -> None:
    """Run `command` in `folder`; both of its output streams go to the file `log`.

    Parameters
    ----------
    command : sequence of str
        Program and arguments; no shell reads them.
    folder, log : Path
        Where it runs, and what it says.
    environment : mapping of str to str, optional
        Its environment; that of this process by default.
    output : Path, optional
        File for what it writes to its standard output; `log` is for errors only then.
    timeout_s : float, optional
        After so many seconds it is stopped, with all that it has started.
    quoted : {"first", "last"}
        Which of its errors the message holds: a compiler's first one is the cause, a vendor's tool sums up in the last.

    Raises
    ------
    ConversionError
        If it fails or takes too long, with its last words and the path of the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    name = Path(command[0]).name
    with log.open("wb") as errors, output.open("wb") if output else nullcontext(errors) as stream:
        # a list and no shell: names of files and parts are never interpreted; a session of its own: its children end with it
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=stream, stderr=errors, env=environment, start_new_session=True
        )
        try:
            status = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            _stop(process)
            msg = f"{name} was stopped after {timeout_s:g} s: {_words(log, quoted)} (whole output: {log})"
            raise ConversionError(msg) from None
        except BaseException:
            _stop(process)
            raise
    if status != 0:
        msg = f"{name} failed ({status}): {_words(log, quoted)} (whole output: {log})"
        raise ConversionError(msg)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End `process` and all that it has started: first asked, then told."""
    for request in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, request)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)
            return


def _words(log: Path, quoted: Literal["first", "last"]) -> str:
    """The first or last line of `log` that says "error", or else the last one."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if _ERROR.search(line)]
    return (errors or lines[-1:] or ["no output"])[0 if quoted == "first" else -1][:_N_SHOWN]

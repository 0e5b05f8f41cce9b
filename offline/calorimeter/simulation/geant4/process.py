"""The process of an `Engine`: a calorimeter comes first, then particles again and again, each time answered.

``python -m offline.calorimeter.simulation.geant4.process LIFELINE``, the number of a pipe that breaks when who asks ends
"""

from __future__ import annotations

import fcntl
import os
import pickle
import select
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from l1ml._optional import require
from offline.calorimeter.simulation.geant4.simulator import Geant4Simulator
from offline.calorimeter.simulation.geant4.tables import write_tables

__all__ = ["main"]

_ELEMENTS = {"vacuum": (1,), "W": (74,), "Si": (14,), "Pb": (82,), "LAr": (18,), "PbWO4": (8, 74, 82)}
"""Atomic numbers in each material."""


def main() -> None:
    """Answer until there are no more questions."""
    _end_with(int(sys.argv[1]))
    answers = _answers()
    world = _world(pickle.load(sys.stdin.buffer))  # of the process that has started this one
    _say(answers, "ready")
    while True:
        try:
            question = pickle.load(sys.stdin.buffer)
        except EOFError:
            break
        began = time.process_time()
        made = world.deposits(*question)
        # who asked may be gone
        with suppress(BrokenPipeError):
            _say(answers, (made, time.process_time() - began))
    # Geant4 takes itself apart in an order that Python does not know
    os._exit(0)


def _end_with(lifeline: int) -> None:
    """End this process when the pipe `lifeline` breaks, in the middle of a shower, too.

    The kernel sends the signal: Geant4 gives no other thread a turn, and no handler of Python, before its showers are done.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    # it broke before this
    if select.select([lifeline], [], [], 0)[0]:
        os._exit(0)


def _answers() -> BinaryIO:
    """Where answers go; what Geant4 writes to stdout goes to nowhere from now on."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _say(answers: BinaryIO, what: Any) -> None:
    pickle.dump(what, answers)
    answers.flush()


def _world(simulator: Geant4Simulator) -> Any:
    """The calorimeter in Geant4, which has read all of its tables by then."""
    elements = [z for name in ("vacuum", *simulator.stack.materials) for z in _ELEMENTS[name]]
    with tempfile.TemporaryDirectory(prefix="l1ml-geant4-") as folder:
        # without these Geant4 would ask for, or begin, a download when it is imported
        os.environ.update(write_tables(Path(folder), elements))
        require("geant4_pybind")
        from offline.calorimeter.simulation.geant4.world import World

        return World(simulator)


if __name__ == "__main__":
    main()

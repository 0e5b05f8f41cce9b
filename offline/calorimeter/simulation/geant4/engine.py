"""Geant4 in a process of its own.

It allows one calorimeter in a process, ends that where it finds an error, and writes to stdout, where results go: none of which
may happen to the process that asks.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import weakref
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.calorimeter.simulation.geant4.simulator import Geant4Simulator

__all__ = ["Engine", "engine_of"]

FloatArray = NDArray[np.float64]


class Engine:
    """A process with one calorimeter, which ends with this one.

    Parameters
    ----------
    simulator : Geant4Simulator
        The calorimeter.

    Raises
    ------
    DataError
        If Geant4 does not start with it.
    """

    def __init__(self, simulator: Geant4Simulator) -> None:
        command = [sys.executable, "-m", "offline.calorimeter.simulation.geant4.process"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}
        # nothing is ever written into it: what counts is that it breaks when this process ends, however it does
        its_end, lifeline = os.pipe()
        # in a session of its own: Ctrl-C is the business of this process
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            [*command, str(its_end)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
            pass_fds=(its_end,),
        )
        os.close(its_end)
        self.seconds = 0.0
        """Time of a processor that showers have taken, the beginning apart."""
        # when nobody knows of it any more, and at the end of this process
        self._end = weakref.finalize(self, _ended, self._process, lifeline)
        self._answer(simulator)

    def deposits(self, energies: FloatArray, seeds: Sequence[int], *, aside: tuple[float, float] = (0.0, 0.0)) -> FloatArray:
        """Energy in each voxel of showers of particles of the `energies` in MeV, shape (n, n_voxels), MeV.

        Parameters
        ----------
        energies : ndarray of float64, shape (n,)
            One particle each.
        seeds : sequence of int
            Of each of them, positive and below 2**63.
        aside : tuple of float
            Where the particles enter, x and y in mm.

        Raises
        ------
        DataError
            If Geant4 ended.
        """
        made, seconds = self._answer((energies, list(seeds), aside))
        self.seconds += seconds
        return np.asarray(made)

    def close(self) -> None:
        """End the process."""
        self._end()

    def _answer(self, question: Any) -> Any:
        """What the process says to `question`."""
        asked, heard = self._process.stdin, self._process.stdout
        try:
            pickle.dump(question, asked)  # type: ignore[arg-type]  # both are pipes
            asked.flush()  # type: ignore[union-attr]
            return pickle.load(heard)  # type: ignore[arg-type]  # of our own process
        except (EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
            self.close()
            msg = f"Geant4 ended with the code {self._process.returncode}; what it said of that is on stderr"
            raise DataError(msg) from error


def _ended(process: subprocess.Popen[bytes], lifeline: int) -> None:
    """End `process`, which does when it is asked nothing more, or in the middle of a shower when its `lifeline` breaks."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            # what was not yet written to a process that is gone
            with suppress(OSError):
                pipe.close()
    # by itself, its own code is known
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=0.5)
    os.close(lifeline)
    process.wait()


@lru_cache(maxsize=4)
def engine_of(simulator: Geant4Simulator) -> Engine:
    """The engine of `simulator`."""
    return Engine(simulator)

"""A process that emulates in batches of 500 crossings and ends badly: killed after some batches, or without space on the disk."""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

from l1ml.emulation.portable import read_network
from l1ml.errors import L1mlError
from l1ml.trigger import crossing_source
from l1ml.trigger.crossing_source import CrossingSource
from l1ml.trigger.file_emulation import Emulation, emulate_files
from l1ml.trigger.menus.toml_menu import read_toml_menu


class Killer:
    """Progress that kills its process after some crossings."""

    def __init__(self, left: int) -> None:
        self.left = left

    def start(self, task: str, total: int | None = None) -> None: ...

    def advance(self, n: int = 1) -> None:
        self.left -= n
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def finish(self) -> None: ...


def main() -> None:
    network, menu, events, output = (Path(text) for text in sys.argv[1:5])
    crossing_source._CHUNK = 500
    left = int(sys.argv[5])
    if left < 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (-left, -left))
    axo = read_network(network)
    try:
        emulate_files(
            Emulation({"axo": axo}, read_toml_menu(menu)), [CrossingSource(events)], output, threads=2, progress=Killer(abs(left))
        )
    except L1mlError as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()

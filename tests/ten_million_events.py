"""Write, describe, check, read, split and batch a file of many crossings; prints events/s of each and the peak memory as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA, EventWriter, file_info, iterate_events
from l1ml.data.batches import BatchSource
from l1ml.data.event_checks import check_events
from l1ml.data.event_split import split_events

_ROWS = 65536
_BATCH = 4096


def write(path: Path, n: int) -> None:
    """Write `n` crossings, 2**16 different ones again and again with identities of their own."""
    toys = toy_events(_ROWS, np.random.default_rng(1))
    with EventWriter(path, LEVEL1_SCHEMA, process="toy", provenance={"seed": 1}) as writer:
        for start in range(0, n, _ROWS):
            rows = np.arange(start, min(start + _ROWS, n), dtype=np.uint64)
            writer.append(replace(toys.select(slice(0, len(rows))), event=rows, group=rows))


def batches(path: Path) -> int:
    """Rows of all batches of one epoch."""
    with BatchSource([path], batch_size=_BATCH, seed=1) as source:
        return sum(len(source[index][2]) for index in range(len(source)))


def main(folder: Path, n: int) -> None:
    path = folder / "events.h5"
    parts = {folder / "train.h5": 0.8, folder / "test.h5": 0.2}
    steps: dict[str, Callable[[], object]] = {
        "write": lambda: write(path, n),
        "info": lambda: file_info(path)["n_events"],
        "validate": lambda: check_events(path).n_problems,
        "iterate": lambda: sum(len(events) for events in iterate_events(path)),
        "split": lambda: sum(split_events(path, parts).values()),
        "batches": lambda: batches(path),
    }
    result: dict[str, object] = {}
    for name, step in steps.items():
        began = time.perf_counter()
        value = step()
        speed = n / (time.perf_counter() - began)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        result[name] = {"result": value, "events_per_s": speed, "peak_mb": peak}
    result["file_mb"] = path.stat().st_size / 1e6
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

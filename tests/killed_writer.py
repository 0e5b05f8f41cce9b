"""A process that writes an event file until it is killed: says on stdout how many batches `append` has taken."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA, Events, EventWriter

__all__ = ["batch"]


def batch(number: int) -> Events:
    """Batch `number`: its size and content follow from the number."""
    rng = np.random.default_rng(number)
    return toy_events(int(rng.integers(1, 3000)), rng)


def main() -> None:
    with EventWriter(Path(sys.argv[1]), LEVEL1_SCHEMA, process="toy", provenance={}, append=True) as writer:
        for number in range(10_000):
            writer.append(batch(number))
            sys.stdout.write(f"{number + 1}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()

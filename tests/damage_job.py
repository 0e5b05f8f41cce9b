"""Read many damaged copies of a file in a process of its own, whose memory is limited: ``damage_job.py FORMAT FILE COPIES SEED``.

Prints how many copies were refused and how many came out equal or otherwise; ends with 1 on any other exception or a slow copy.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from l1ml.data import Events
from l1ml.data.readers import reader_called
from l1ml.errors import DataError, SchemaError

MEMORY = 4 << 30
SLOW = 60.0
HEAD = 3000


def damaged(content: bytes, copies: int, rng: np.random.Generator) -> Iterator[bytes]:
    """Truncated copies, and copies with wrong bytes anywhere, near the beginning or near the end."""
    for copy in range(copies):
        if copy % 3 == 0:
            yield content[: int(rng.integers(len(content)))]
            continue
        wrong = bytearray(content)
        low, high = [(0, len(wrong)), (0, min(HEAD, len(wrong))), (max(0, len(wrong) - 2 * HEAD), len(wrong))][
            int(rng.integers(3))
        ]
        for place in rng.integers(low, high, int(rng.choice([1, 1, 4, 30]))):
            wrong[place] = int(rng.integers(256))
        yield bytes(wrong)


def same(first: list[Events], second: list[Events]) -> bool:
    """Whether two readings are equal in every column."""
    if [part.schema.digest for part in first] != [part.schema.digest for part in second]:
        return False
    return all(
        np.array_equal(part.event, other.event)
        and all(
            np.array_equal(column, other.collections[name][key])
            for name, columns in part.collections.items()
            for key, column in columns.items()
        )
        for part, other in zip(first, second, strict=True)
    )


def main() -> None:
    name, file, copies, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    reader, counts = reader_called(name), Counter[str]()
    intact = list(reader.iterate(file, chunk=16))
    copy = Path(tempfile.mkdtemp(prefix="damaged_")) / file.name
    for content in damaged(file.read_bytes(), copies, np.random.default_rng(seed)):
        copy.write_bytes(content)
        start = time.monotonic()
        reader.sniff(copy)
        try:
            outcome = "equal" if same(intact, list(reader.iterate(copy, chunk=16))) else "other"
        except (DataError, SchemaError) as error:
            outcome = "refused" if str(copy) in str(error) else f"without the name of the file: {error}"
        counts[outcome if time.monotonic() - start < SLOW else "slow"] += 1
    copy.unlink()
    copy.parent.rmdir()
    sys.stdout.write(json.dumps(counts))


if __name__ == "__main__":
    main()

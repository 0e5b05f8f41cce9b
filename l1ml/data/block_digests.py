"""Digests of the rows of an event file, block by block: what says that a file is what it was, and which rows are not.

The digest of a block is the SHA-256 of, for every column by rising name, the name in UTF-8, a zero byte, and the SHA-256 of the
column's little-endian bytes in the block. The digest of the rows of a file is the SHA-256 of those of its blocks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.data.event_layout import BLOCK_ROWS

__all__ = ["BlockDigests"]


class BlockDigests:
    """Digests of blocks whose rows come in batches of any size."""

    def __init__(self) -> None:
        self._rows = 0
        self._hashes: dict[str, Any] = {}

    @classmethod
    def after(cls, columns: Mapping[str, NDArray[Any]], n: int) -> Self:
        """Digests of a file of `n` rows, to be continued; `columns` are the rows of its last block, if that is not full."""
        made = cls()
        made._rows = n - n % BLOCK_ROWS
        made.add(columns, n % BLOCK_ROWS)
        return made

    def add(self, columns: Mapping[str, NDArray[Any]], n: int) -> tuple[int, NDArray[np.uint8]]:
        """Continue with `n` rows of `columns`, as they stand on disk.

        Returns
        -------
        int
            First block that changed.
        ndarray of uint8, shape (k, 32)
            Digests of that block and all after it.
        """
        first, done, digests = self._rows // BLOCK_ROWS, 0, []
        while done < n:
            take = min(BLOCK_ROWS - self._rows % BLOCK_ROWS, n - done)
            for name, column in columns.items():
                hashed = self._hashes.setdefault(name, hashlib.sha256())
                hashed.update(np.ascontiguousarray(column[done : done + take]).data)
            self._rows += take
            done += take
            digests.append(self._digest())
            if self._rows % BLOCK_ROWS == 0:
                self._hashes.clear()
        return first, np.frombuffer(b"".join(digests), np.uint8).reshape(-1, hashlib.sha256().digest_size)

    def _digest(self) -> bytes:
        """Digest of the block as far as it goes."""
        whole = hashlib.sha256()
        for name in sorted(self._hashes):
            whole.update(name.encode() + b"\0" + self._hashes[name].digest())
        return whole.digest()

"""A file for HDF5 to write to that a kill at any moment leaves as it was at the last `commit`.

HDF5 overwrites its tables in place, so a file between two flushes is in pieces. Here bytes after the committed end go to the
file at once (nothing refers to them yet), while bytes before it are held back in memory, page by page. `commit` writes those
pages to a journal beside the file, makes it durable, applies it and drops it: after a kill a whole journal is applied again and
a cut one is ignored. This is the redo log of databases (Mohan et al., ARIES, ACM TODS 17, 1992) for one writer.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from l1ml.errors import StorageError

__all__ = ["Journal", "JournalledFile", "journal_path"]

_PAGE = 4096
_MAGIC = b"l1ml-journal-1\n\0"
_HEAD = struct.Struct("<16sQQ")
_RECORD = struct.Struct("<QI")
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
"""What file systems say that know no locks."""


def journal_path(path: Path) -> Path:
    """Where the journal of the file `path` lies while one is needed."""
    return path.with_name(f"{path.name}.journal")


class Journal:
    """Pages to be written into a file, and the length that it has afterwards."""

    def __init__(self, size: int, pages: dict[int, bytes]) -> None:
        self.size = size
        self.pages = pages

    @classmethod
    def load(cls, path: Path) -> Journal | None:
        """The journal at `path`; None if there is none or it was cut short while it was written."""
        content = path.read_bytes() if path.is_file() else b""
        body, digest = content[:-32], content[-32:]
        if len(body) < _HEAD.size or hashlib.sha256(body).digest() != digest:
            return None
        magic, size, count = _HEAD.unpack_from(body)
        if magic != _MAGIC:
            return None
        pages, at = {}, _HEAD.size
        for _ in range(count):
            number, length = _RECORD.unpack_from(body, at)
            at += _RECORD.size
            pages[number] = body[at : at + length]
            at += length
        return cls(size, pages)

    def save(self, path: Path) -> None:
        """Write the journal to `path` and make it durable."""
        parts = [_HEAD.pack(_MAGIC, self.size, len(self.pages))]
        for number, content in self.pages.items():
            parts += [_RECORD.pack(number, len(content)), content]
        body = b"".join(parts)
        with path.open("wb", buffering=0) as file:
            _write_all(file.fileno(), body + hashlib.sha256(body).digest(), 0)
            os.fsync(file.fileno())

    def apply(self, descriptor: int) -> None:
        """Write the pages into the open file; doing it twice is doing it once."""
        for number, content in self.pages.items():
            _write_all(descriptor, content, number * _PAGE)
        os.ftruncate(descriptor, self.size)
        os.fsync(descriptor)


class JournalledFile(io.RawIOBase):
    """File object for ``h5py.File``.

    Parameters
    ----------
    path : Path
        The file.
    mode : str
        ``"new"`` for an empty file, ``"continue"`` to change one that is there, ``"look"`` to read it as a recovery would leave
        it, without touching it.

    Raises
    ------
    StorageError
        If another process is writing the file.

    Notes
    -----
    HDF5 cannot close a file after a failed write: it keeps the blocks, prints a trace for each, and leaks the handle. It never
    sees a failure here; whoever writes asks `check` or `commit` after each batch and gives the whole file up.
    """

    def __init__(self, path: Path, mode: Literal["new", "continue", "look"]) -> None:
        super().__init__()
        self.path = path
        self.error: OSError | None = None
        self._writes = mode != "look"
        self._at = 0
        self._held: dict[int, bytearray] = {}
        self._fd = _open_locked(path, mode)
        journal_file = journal_path(path)
        if mode == "new":
            journal_file.unlink(missing_ok=True)  # before the file: a journal must never meet another file than its own
            os.ftruncate(self._fd, 0)
        journal = Journal.load(journal_file)
        if journal is not None and self._writes:
            journal.apply(self._fd)
        if self._writes:
            journal_file.unlink(missing_ok=True)
        self._committed = self._size = os.fstat(self._fd).st_size
        if journal is not None and not self._writes:
            self._held = {number: bytearray(content) for number, content in journal.pages.items()}
            self._size = journal.size

    def readable(self) -> bool:
        """Always."""
        return True

    def writable(self) -> bool:
        """Whether it was opened to be written."""
        return self._writes

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place; the end is that of the file as its writer sees it."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        """The present place."""
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """Fill `buffer` with what was written, held back or not; zeros after the end."""
        view = memoryview(buffer).cast("B")
        content = os.pread(self._fd, len(view), self._at)
        view[: len(content)] = content
        view[len(content) :] = bytes(len(view) - len(content))
        for number, start, stop in _pages(self._at, len(view)):
            page = self._held.get(number)
            if page is not None:
                piece = page[start : min(stop, len(page))]
                into = number * _PAGE + start - self._at
                view[into : into + len(piece)] = piece
        self._at += len(view)
        return len(view)

    def write(self, content: Any, /) -> int:
        """Take all of `content`, or remember why that failed; always claims success."""
        view = memoryview(content).cast("B")
        inside = max(0, min(len(view), self._committed - self._at))
        try:
            if self.error is None:
                self._hold(self._at, view[:inside])
                _write_all(self._fd, view[inside:], self._at + inside)
        except OSError as error:
            self.error = error
        self._at += len(view)
        self._size = max(self._size, self._at)
        return len(view)

    def truncate(self, size: int | None = None, /) -> int:
        """Set the length, or remember why that failed; committed bytes stay until the next commit."""
        size = self._at if size is None else size
        try:
            os.ftruncate(self._fd, max(size, self._committed))
            # what is cut off must be zero if the file grows again
            self._hold(size, memoryview(bytes(max(0, min(self._size, self._committed) - size))))
        except OSError as error:
            self.error = self.error or error
        self._size = size
        return size

    def check(self) -> None:
        """Raise the first failure, if there was one."""
        if self.error is not None:
            raise self.error

    def commit(self) -> None:
        """Make everything written so far what a kill leaves behind.

        Raises
        ------
        OSError
            If a write failed, now or before.
        """
        self.check()
        os.fsync(self._fd)
        if self._held or self._size < self._committed:
            where = journal_path(self.path)
            journal = Journal(self._size, {number: bytes(page) for number, page in self._held.items()})
            journal.save(where)
            journal.apply(self._fd)
            where.unlink()
        self._held.clear()
        self._committed = self._size

    def fill_from(self, path: Path) -> None:
        """Begin as a copy of the file `path`."""
        with path.open("rb") as source:
            while piece := source.read(1 << 22):
                self.write(piece)
        self.commit()

    def remove(self) -> None:
        """Delete the file and its journal, unless the file got another name meanwhile."""
        if self.path.exists() and os.path.samestat(os.fstat(self._fd), self.path.stat()):
            journal_path(self.path).unlink(missing_ok=True)
            self.path.unlink()

    def close(self) -> None:
        """Let go of the file and its lock; what was not committed is not promised."""
        if not self.closed:
            os.close(self._fd)
        super().close()

    def _hold(self, offset: int, view: memoryview) -> None:
        """Keep bytes of the committed part for the next commit."""
        for number, start, stop in _pages(offset, len(view)):
            if number not in self._held:
                whole = min(_PAGE, self._committed - number * _PAGE)
                self._held[number] = bytearray(os.pread(self._fd, whole, number * _PAGE))
            given = number * _PAGE + start - offset
            self._held[number][start:stop] = view[given : given + stop - start]


def _pages(offset: int, length: int) -> Iterator[tuple[int, int, int]]:
    """Page number, first and last + 1 byte in the page, of each page that `length` bytes at `offset` touch."""
    end = offset + length
    for number in range(offset // _PAGE, -(-end // _PAGE) if length else offset // _PAGE):
        yield number, max(offset - number * _PAGE, 0), min(end - number * _PAGE, _PAGE)


def _write_all(descriptor: int, content: memoryview | bytes, offset: int) -> None:
    """Write all of `content` at `offset`."""
    rest = memoryview(content)
    while rest:
        done = os.pwrite(descriptor, rest, offset)
        rest, offset = rest[done:], offset + done


def _open_locked(path: Path, mode: str) -> int:
    """Descriptor of `path` with a lock that ends with the process; the file that has the name, not one renamed meanwhile."""
    flags = {"new": os.O_RDWR | os.O_CREAT, "continue": os.O_RDWR, "look": os.O_RDONLY}[mode]
    while True:
        descriptor = os.open(path, flags | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if mode == "look" else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            msg = f"{path} is being written by another process at this moment; wait until it has finished"
            raise StorageError(errno.EAGAIN, msg) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                os.close(descriptor)
                raise
        if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
        os.close(descriptor)

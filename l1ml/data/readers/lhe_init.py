"""What stands before the events of a Les Houches file, and the file as input of Pythia.

Les Houches Event Files (hep-ph/0609017): the block ``<init>`` has the beams in GeV, how weights are meant, and per process the
cross section in pb, its error, the largest weight and a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from l1ml.data.readers.particle_text import TextStream, text_stream
from l1ml.errors import DataError, SchemaError

__all__ = ["LheInit", "LheProcess", "pythia_settings", "read_init", "take_init"]

_ROOT, _INIT = b"<LesHouchesEvents", b"<init"
_MOST_PROCESSES = 10_000


@dataclass(frozen=True, slots=True)
class LheProcess:
    """One process: its number in the events, cross section and error in pb, largest weight."""

    number: int
    cross_section_pb: float
    error_pb: float
    max_weight: float

    @property
    def name(self) -> str:
        """Name in `Events`: the file has numbers only."""
        return f"lprup_{self.number}"


@dataclass(frozen=True, slots=True)
class LheInit:
    """The block ``<init>``.

    Parameters
    ----------
    beams : tuple of int
        PDG numbers of the two beams.
    energies_gev : tuple of float
        Their energies.
    strategy : int
        ``IDWTUP``: 3 weights are all one, 4 they average to the cross section in pb, 1 and 2 are for the generator to unweight;
        negative where weights may be negative.
    processes : tuple of LheProcess
        In the order of the file.
    """

    beams: tuple[int, int]
    energies_gev: tuple[float, float]
    strategy: int
    processes: tuple[LheProcess, ...]

    @property
    def cross_section_pb(self) -> float:
        """Sum over the processes."""
        return sum(process.cross_section_pb for process in self.processes)


def take_init(stream: TextStream) -> LheInit:
    """Read `stream` up to the end of ``<init>``.

    Raises
    ------
    SchemaError
        If this is no Les Houches file.
    DataError
        If the block is missing or damaged.
    """
    text = stream.until(b"</init>")
    held = (text if text is not None else stream.rest()).lstrip()
    if not held.startswith(_ROOT) and not (held.startswith(b"<?xml") and _ROOT in held):
        msg = f"{stream.path} is not a Les Houches event file: it does not begin with {_ROOT.decode()}"
        raise SchemaError(msg)
    # text before the block may be anything, the word <init> in a comment too
    place = -1 if text is None else text.rfind(_INIT)
    if text is None or place < 0:
        msg = f"{stream.path} is truncated or damaged: it has no block <init>"
        raise DataError(msg)
    lines = [line for line in text[place:].partition(b">")[2].splitlines() if line.strip()]
    try:
        return _init(lines)
    except (ValueError, IndexError) as error:
        msg = f"{stream.path} is damaged: the block <init> cannot be read ({error})"
        raise DataError(msg) from error


def _init(lines: list[bytes]) -> LheInit:
    head = lines[0].split()
    n = int(head[9])
    if len(head) != 10 or not 1 <= n <= min(_MOST_PROCESSES, len(lines) - 1):
        msg = f"{len(head)} numbers in its first line, {n} processes, {len(lines) - 1} lines for them"
        raise ValueError(msg)
    processes = tuple(_process(line) for line in lines[1 : 1 + n])
    if len({process.number for process in processes}) != n:
        msg = "two processes have one number"
        raise ValueError(msg)
    return LheInit((int(head[0]), int(head[1])), (_float(head[2]), _float(head[3])), int(head[8]), processes)


def _process(line: bytes) -> LheProcess:
    cross_section, error, weight, number = line.split()
    return LheProcess(int(number), _float(cross_section), _float(error), _float(weight))


def _float(text: bytes) -> float:
    return float(text.replace(b"D", b"E").replace(b"d", b"e"))


def read_init(path: Path) -> LheInit:
    """The block ``<init>`` of the Les Houches file `path`, plain or gzip."""
    with text_stream(path) as stream:
        return take_init(stream)


def pythia_settings(path: Path) -> tuple[str, ...]:
    """Settings with which Pythia 8 reads the events of `path`, which it does itself, gzip too.

    Raises
    ------
    SchemaError
        If it is no Les Houches file, or Pythia could not open it by this name.
    DataError
        If its beginning is damaged, or it has no event.
    """
    with text_stream(path) as stream:
        take_init(stream)
        if stream.until(b"</event>") is None:
            msg = f"{path} has no whole event"
            raise DataError(msg)
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    name = str(path.resolve())
    if packed != name.endswith(".gz") or any(letter.isspace() for letter in name):
        held = "packed" if packed else "plain"
        msg = f"Pythia cannot open {name!r}: it unpacks what is called .gz ({held} here) and takes no blanks in a path; rename it"
        raise SchemaError(msg)
    return "Beams:frameType = 4", f"Beams:LHEF = {name}"

"""Which formats there are, and which of them a file has."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from l1ml.data.readers.reader import Reader
from l1ml.errors import ConfigError, DataError, SchemaError, ToolNotFoundError, nearest

__all__ = ["READERS", "reader_called", "reader_of", "reader_options"]

_MODULES = {
    "l1ml": "l1ml.data.readers.l1ml_events:READER",
    "ugt": "l1ml.data.readers.ugt_vectors:READER",
    "nanoaod": "l1ml.data.readers.nanoaod:READER",
    "l1ntuple": "l1ml.data.readers.l1ntuple:READER",
    "calo_regions": "l1ml.data.readers.calo_regions:READER",
    "adc2021": "l1ml.data.readers.adc2021:READER",
    "jet_features": "l1ml.data.readers.jet_features:READER",
    "jet_constituents": "l1ml.data.readers.jet_constituents:READER",
    "jetclass": "l1ml.data.readers.jetclass:READER",
    "omnilearn": "l1ml.data.readers.omnilearn:READER",
    "omnifold": "l1ml.data.readers.omnifold:READER",
    "calochallenge": "l1ml.data.readers.calochallenge:READER",
    "hepmc": "l1ml.data.readers.hepmc:READER",
    "lhe": "l1ml.data.readers.lhe:READER",
}
"""Module and constant of each format; more special ones before those that would accept their files too."""


_TEXT = {"str", "str | None"}


class _Readers(Mapping[str, Reader]):
    """The readers by name, imported one by one."""

    def __getitem__(self, name: str) -> Reader:
        module, constant = _MODULES[name].split(":")
        try:
            reader: Reader = getattr(importlib.import_module(module), constant)
        except ModuleNotFoundError as error:
            msg = f"the format {name!r} needs the Python module {error.name!r}, which is not there"
            raise ToolNotFoundError(msg) from error
        return reader

    def __contains__(self, name: object) -> bool:
        return name in _MODULES

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


READERS: Mapping[str, Reader] = _Readers()
"""Every format by name."""


def reader_called(name: str) -> Reader:
    """The format `name`.

    Raises
    ------
    ConfigError
        If there is no such format.
    ToolNotFoundError
        If a package that it needs is not installed.
    """
    if name not in READERS:
        msg = f"no format is called {name!r}; {nearest(name, READERS)}"
        raise ConfigError(msg)
    return READERS[name]


def reader_of(path: Path) -> Reader:
    """The format that the file `path` has, by its name and then its content.

    Raises
    ------
    DataError
        If there is no such file.
    SchemaError
        If no format knows it; formats that could not be asked are named.
    """
    if not path.is_file():
        msg = f"{path} is not a file"
        raise DataError(msg)
    unable: dict[str, None] = {}
    for name in READERS:
        try:
            reader = READERS[name]
            if reader.fits_name(path) and reader.sniff(path):
                return reader
        except ToolNotFoundError as error:
            unable[str(error)] = None
    msg = f"{path} is in no format that l1ml knows from its name and content; if it is one of {', '.join(READERS)}, name it"
    msg += "".join(f"; {reason}" for reason in unable)
    raise SchemaError(msg)


def reader_options(reader: Reader, given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` as keywords of ``reader.iterate``; where that wants text, a number such as the era 2024 becomes text.

    Raises
    ------
    ConfigError
        If the format has no such option.
    """
    parameters = inspect.signature(reader.iterate).parameters
    kinds = {name: str(item.annotation) for name, item in parameters.items() if name not in {"path", "chunk"}}
    for name in given:
        if name not in kinds:
            msg = f"the format {reader.name!r} has no option {name!r}; " + (nearest(name, kinds) if kinds else "it has none")
            raise ConfigError(msg)
    return {name: str(value) if kinds[name] in _TEXT and value is not None else value for name, value in given.items()}

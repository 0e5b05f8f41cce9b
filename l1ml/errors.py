"""Errors of l1ml: what was received, what exists, what to do.

Each class is also a builtin, so that code which knows nothing of l1ml can still catch it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "BitMismatchError",
    "ConfigError",
    "ConversionError",
    "DataError",
    "L1mlError",
    "SchemaError",
    "StorageError",
    "ToolNotFoundError",
    "TrainingError",
    "nearest",
]


class L1mlError(Exception):
    """Base of every error that l1ml raises on purpose."""


class ConfigError(L1mlError, ValueError):
    """A recipe or a menu says something that cannot be meant."""


class SchemaError(L1mlError, ValueError):
    """A file holds other fields, another version or another digest than the one asked for."""


class DataError(L1mlError, ValueError):
    """The content of a file or an array is missing, truncated, not a number or out of its width."""


class ConversionError(L1mlError, RuntimeError):
    """A layer, quantiser or project has no exact fixed-point firmware."""


class TrainingError(L1mlError, ArithmeticError):
    """A training has come to nothing: its loss is NaN or infinite, or what it learned is the same for every crossing."""


class ToolNotFoundError(L1mlError, RuntimeError):
    """A compiler, simulator or Python package that a verb needs is not there."""


class BitMismatchError(L1mlError, ValueError):
    """Two implementations of one model disagree in at least one word."""


class StorageError(L1mlError, OSError):
    """The disk is full or a file cannot be written; nothing half-made is left behind."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Sentence that names the entry of `known` closest to the misspelt `name`.

    Examples
    --------
    >>> nearest("epocs", ["epochs", "batch_size"])
    "did you mean 'epochs'?"
    >>> nearest("zzz", ["epochs"])
    'known: epochs'
    """
    candidates = sorted(known)
    matches = difflib.get_close_matches(name, candidates, n=1)
    return f"did you mean {matches[0]!r}?" if matches else f"known: {', '.join(candidates)}"

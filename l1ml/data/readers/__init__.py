"""Formats of others that become events, by name; a module and the packages that it needs are imported when it is asked for.

A format is a module of this package with a constant ``READER``; `Reader` says what it must offer.
"""

from __future__ import annotations

from l1ml.data.readers.reader import Reader
from l1ml.data.readers.registry import READERS, reader_called, reader_of, reader_options

__all__ = ["READERS", "Reader", "reader_called", "reader_of", "reader_options"]

"""Names of layers as C++ can have them: hls4ml turns each into a function, variables and a type that ends in ``_t``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count

__all__ = ["hls_names"]

_WORDS = """
    ap blkcnt blksize bool caddr char clock clockid config const daddr dev div double errno error extern false
    float fpos fsblkcnt fsfilcnt fsid gid id idtype ino input int int8 int16 int32 int64 intmax intptr key ldiv link lldiv locale
    loff long main max_align mbstate mode model_default namespace nlink nnet nullptr off output pid ptrdiff quad register result
    short sig_atomic signed sigset size ssize static struct suseconds template time timer true typedef uid uint uint8 uint16
    uint32 uint64 uintmax uintptr union unsigned useconds void wchar wctrans wctype weight bias wint words
"""
"""Names that the C library, C++ or hls4ml itself has for something else, with or without ``_t``."""

_TAKEN = frozenset(_WORDS.split())


def hls_names(names: Sequence[str]) -> list[str]:
    """Name of each layer in the project: its own where C++ allows it, else with ``layer_`` before it; all different."""
    found: list[str] = []
    for name in names:
        plain = re.sub(r"\W", "_", name, flags=re.ASCII)
        if plain.lower() in _TAKEN or not plain[:1].isalpha():
            plain = f"layer_{plain}"
        taken = {item.lower() for item in found}
        if plain.lower() in taken:
            plain = next(other for other in (f"{plain}_{i}" for i in count(2)) if other.lower() not in taken)
        found.append(plain)
    return found

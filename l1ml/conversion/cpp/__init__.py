"""A network as C++17 for software frameworks: a header, a C interface on it, and what proves both.

Every operation becomes one function over a block of crossings. A stage is an array of words, each with a row of *lanes*, one for
each crossing of the block; the innermost loop runs over the lanes, so that compilers turn it into vector instructions whatever
the operation. Integers are of 16, 32 or 64 bits, whichever the ranges of the network prove to be enough.
"""

from __future__ import annotations

from l1ml.conversion.cpp.project import cpp_project

__all__ = ["cpp_project"]

"""A run divided into ranges of files: done by any number of workers, put together to the same numbers."""

from __future__ import annotations

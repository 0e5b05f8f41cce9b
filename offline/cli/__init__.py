"""The command ``l1ml-offline``: one module per verb, each parses, calls the library and shows the result."""

from __future__ import annotations

__all__: list[str] = []

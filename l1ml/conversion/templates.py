"""Files of a project that are the same for every network but for a few names: package data with ``<<name>>`` in it."""

from __future__ import annotations

import re
from importlib.resources import files

__all__ = ["render"]

_FIELD = re.compile(r"<<(\w+)>>")


def render(template: str, **values: object) -> bytes:
    """Content of `template` with `values` in it; a field without a value is a KeyError."""
    text = (files("l1ml.conversion") / "templates" / template).read_text(encoding="utf-8")
    return _FIELD.sub(lambda match: str(values[match[1]]), text).encode()

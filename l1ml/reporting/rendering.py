"""Figures as files: the field's style while they are drawn, and PNG bytes that are the same for the same figure."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from l1ml._optional import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["RenderedFigure", "field_style", "png"]

_DPI = 80


@dataclass(frozen=True, slots=True)
class RenderedFigure:
    """A figure as a file.

    Parameters
    ----------
    name : str
        File name without its ending.
    caption : str
        What a reader sees on it, in one or two sentences.
    png : bytes
        The picture.
    """

    name: str
    caption: str
    png: bytes


@contextmanager
def field_style(more: Mapping[str, Any]) -> Iterator[None]:
    """The neutral style of mplhep, with `more` on top, for as long as figures are drawn; nothing outside changes."""
    mplhep, matplotlib = require("mplhep"), require("matplotlib")
    with matplotlib.rc_context(dict(mplhep.style.ROOT)), matplotlib.rc_context(dict(more)):
        yield


def png(figure: Figure) -> bytes:
    """PNG without the time and version that would make two equal figures differ."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
    return buffer.getvalue()

"""The HTML of a menu report as a flat list of blocks of text: what a reader of the page sees, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

__all__ = ["Block", "html_blocks"]

_BLOCK_TAGS = frozenset({"a", "div", "h1", "h2", "h3", "hr", "li", "p", "pre", "table", "td", "th", "title", "tr", "ul"})
_INLINE_LINKS = frozenset({"li", "td", "p"})
_SKIPPED = frozenset({"script", "style"})


@dataclass(frozen=True, slots=True)
class Block:
    """Text between two block tags.

    Parameters
    ----------
    tag : str
        Tag that opened it: "li", "td", "h3", "p", "pre", ...
    text : str
        Text with single spaces; what stood in ``<code>`` is in backquotes.
    line : int
        Line of the file where the tag stands, from 1.
    """

    tag: str
    text: str
    line: int


class _BlockParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._tag = ""
        self._line = 1
        self._text: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SKIPPED:
            self._skipped += 1
        elif tag == "code":
            self._text.append("`")
        elif tag == "br":
            self._text.append(" ")
        elif tag in _BLOCK_TAGS and not (tag == "a" and self._tag in _INLINE_LINKS):
            self.flush(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipped -= 1
        elif tag == "code":
            self._text.append("`")
        elif tag in _BLOCK_TAGS - {"a"}:
            self.flush("")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self._text.append(data)

    def flush(self, tag: str) -> None:
        """End the current block and begin one of `tag`; a table cell counts even if it is empty."""
        text = " ".join("".join(self._text).split())
        if text or self._tag == "td":
            self.blocks.append(Block(self._tag, text, self._line))
        self._tag, self._line, self._text = tag, self.getpos()[0], []


def html_blocks(text: str) -> list[Block]:
    r"""Blocks of the page `text`, in order; empty ones only for table cells.

    Examples
    --------
    >>> [block.text for block in html_blocks("<ul><li>Eta: <a href='#E'>E</a> [-1, 1]\n : <code>[0xff, 0x1]</code></li></ul>")]
    ['Eta: E [-1, 1] : `[0xff, 0x1]`']
    """
    parser = _BlockParser()
    parser.feed(text)
    parser.close()
    parser.flush("")
    return parser.blocks

"""The little of a C++ text that has to be read before a compiler can be asked: names, and how many values a table is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from l1ml.errors import ConversionError

__all__ = ["Prototype", "Table", "declared_functions", "find_prototype", "find_tables", "included_names", "without_comments"]

_COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/|("(?:\\.|[^"\\\n])*")', re.DOTALL)
_SCOPE = re.compile(r'\bnamespace\s+([\w:]+)\s*\{|\b(namespace|extern\s*"C")\s*\{|\{|\}')
_ARRAY = re.compile(r"(?:.*[\s&*>])?(\w+)\s*\[([^\[\]]+)\]", re.DOTALL)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]', re.MULTILINE)
_FUNCTION = re.compile(r"\bvoid\s+(\w+)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*;")
_TABLE = re.compile(r"(?<![\w:])(\w+)\s*\[[^\[\]]*\]\s*(?:=?\s*\{([^{}]*)\}|;)")
_ZERO = re.compile(r"[+-]?0*\.?0*(?:[eE][+-]?\d+)?[fFlL]?")


@dataclass(frozen=True, slots=True)
class Prototype:
    """Declaration of a top function: its name, its namespace and the C++ expression of each array's size."""

    name: str
    namespace: str
    sizes: tuple[str, ...]

    @property
    def qualified_name(self) -> str:
        """Name from the global namespace on."""
        return _qualified(self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class Table:
    """An array at namespace scope.

    Parameters
    ----------
    name : str
        Qualified name.
    n_values : int or None
        How many values its text lists; None if none are given.
    stated_zero : bool
        Whether all of them are written as zero.
    """

    name: str
    n_values: int | None
    stated_zero: bool

    @property
    def is_weight(self) -> bool:
        """Whether hls4ml's naming says that it multiplies: ``w2``, ``wr3``; a bias, ``b2``, may well be zero everywhere."""
        return self.name.rsplit("::", maxsplit=1)[-1].startswith("w")

    @property
    def cleared(self) -> bool:
        """Whether it is set to zero in the short form, ``{0}`` or ``{}``."""
        return self.stated_zero and self.n_values in {0, 1}


def without_comments(text: str) -> str:
    """C++ `text` less its comments; strings stay."""
    return _COMMENT.sub(lambda match: match.group(1) or " ", text)


def included_names(text: str) -> list[str]:
    """What comment-free `text` includes, in order, by quotes or angle brackets."""
    return _INCLUDE.findall(text)


def declared_functions(text: str) -> list[str]:
    """Names of the functions without a result that comment-free `text` declares at namespace scope."""
    return [match.group(1) for match in _FUNCTION.finditer(text) if _scope(text, match.start()) is not None]


def find_prototype(text: str, name: str) -> Prototype:
    """Declaration of the function `name`, one of the `declared_functions` of comment-free `text`.

    Raises
    ------
    ConversionError
        If a parameter is no array of one dimension, as with streams.
    """
    found = [match for match in _FUNCTION.finditer(text) if match.group(1) == name]
    match, scope = next((match, scope) for match in found if (scope := _scope(text, match.start())) is not None)
    return Prototype(name, scope, tuple(_size(name, part) for part in _parameters(match.group(2))))


def find_tables(text: str) -> Iterator[Table]:
    """Arrays that comment-free `text` defines at namespace scope; one defined with and without values counts with them."""
    found: dict[str, Table] = {}
    for match in _TABLE.finditer(text):
        statement = text[max(text.rfind(mark, 0, match.start()) for mark in ";{}") + 1 : match.start()]
        scope = _scope(text, match.start())
        if scope is None or not statement.split() or re.search(r"\b(extern|typedef|using|return)\b|[=()]", statement):
            continue
        table = _table(_qualified(scope, match.group(1)), match.group(2))
        if table.n_values is not None or table.name not in found:
            found[table.name] = table
    yield from found.values()


def _table(name: str, values: str | None) -> Table:
    if values is None:
        return Table(name, None, stated_zero=False)
    items = [item.strip() for item in values.split(",") if item.strip()]
    return Table(name, len(items), all(_ZERO.fullmatch(item) for item in items))


def _scope(text: str, position: int) -> str | None:
    """Namespace around `position` of `text`, empty for the global one; None inside anything else, such as a function."""
    names: list[str | None] = []
    for match in _SCOPE.finditer(text, 0, position):
        if match.group() == "}":
            del names[-1:]
        else:
            # the second group has no name to qualify with: an unnamed namespace or a linkage
            names.append(match.group(1) or ("" if match.group(2) else None))
    return None if None in names else "::".join(name for name in names if name)


def _qualified(scope: str, name: str) -> str:
    return f"::{scope}::{name}" if scope else f"::{name}"


def _parameters(text: str) -> list[str]:
    """Parameters in `text`, parted at the commas outside all brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "<([{") - (character in ">)]}")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def _size(name: str, parameter: str) -> str:
    match = _ARRAY.fullmatch(parameter)
    if match is None:
        msg = f"port {parameter!r} of {name} is no array of one dimension; only io_parallel projects can be run, not streams"
        raise ConversionError(msg)
    return match.group(2).strip()

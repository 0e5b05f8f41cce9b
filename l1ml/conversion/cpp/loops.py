"""Functions, loops and tables of the generated C++."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap

from l1ml.conversion.cpp.integer_type import integer_type, type_of_stage
from l1ml.model.operations import Stage, Words

__all__ = ["TIGHT", "each_lane", "each_word", "function", "indented", "table"]

TIGHT = "\N{NO-BREAK SPACE}"
"""A space at which no line is broken."""

_WIDTH = 120


def function(name: str, before: Sequence[tuple[str, Stage]], after: Stage, body: Sequence[str], *, groups: int = 1) -> str:
    """Function of the arrays `before`, names and stages, and of that of the stage `after`, which is called y.

    With several `groups`, `body` is for the first one, and the function goes through all of them; each has its equal share of
    words on both sides.
    """
    named = [*before, ("y", after)]
    if groups == 1:
        return _definition(name, named, body)
    sizes = len(before[0][1].low) // groups, len(after.low) // groups
    call = f"{name}_group(x + group * {sizes[0]}, y + group * {sizes[1]});"
    loop = [f"for (int group = 0; group < {groups}; ++group)", f"    {call}"]
    return _definition(f"{name}_group", named, body) + _definition(name, named, loop)


def _definition(name: str, arrays: Sequence[tuple[str, Stage]], body: Sequence[str]) -> str:
    text = indented(body)
    parameters = []
    for array, stage in arrays:
        read = re.search(rf"\b{array}\b", text)
        unused = "" if read else "[[maybe_unused]] "
        kind, pointer = ("", "*__restrict y") if array == "y" else ("const ", f"*{array}")
        parameters.append(f"{unused}{kind}{type_of_stage(stage)} ({pointer})[lanes]")
    return f"inline void {name}({', '.join(parameters)}) noexcept {{\n{text}}}\n"


def each_word(stage: Stage, body: Sequence[str]) -> list[str]:
    """`body` for every word i of `stage` and every lane b."""
    lines = [f"        {line}" for line in body]
    return [f"for (int i = 0; i < {len(stage.low)}; ++i)", "    for (int b = 0; b < lanes; ++b) {", *lines, "    }"]


def each_lane(statement: str, depth: int = 0) -> list[str]:
    """`statement` for every lane b."""
    return [f"{'    ' * depth}for (int b = 0; b < lanes; ++b)", f"{'    ' * depth}    {statement}"]


def table(name: str, words: Words | Sequence[int]) -> str:
    """A constant array of the narrowest type."""
    values = [int(word) for word in words]
    return f"constexpr {integer_type(*values)} {name}[] = {{{', '.join(map(str, values))}}};"


def indented(lines: Sequence[str]) -> str:
    """Lines of a body, long ones broken between two words."""
    rows: list[str] = []
    for line in lines:
        indent = " " * (4 + len(line) - len(line.lstrip()))
        rows += wrap(
            line.strip(),
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=f"{indent}    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "".join(f"{row}\n" for row in rows).replace(TIGHT, " ")

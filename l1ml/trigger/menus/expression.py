"""The logical expression of an algorithm, as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["And", "ConditionTerm", "Expression", "Not", "ObjectTerm", "Or", "Reference", "Xor", "references"]


@dataclass(frozen=True, slots=True)
class ObjectTerm:
    """One object as written, such as ``MU4p5+1[MU-QLTY_SNGL, MU-ETA_2p0]``.

    Parameters
    ----------
    name : str
        Type and threshold, or the name of an external signal.
    bx_offset : int
        Crossing relative to the decision.
    cuts : tuple of str
        Names of the cuts.
    position : int
        Index of its first character in the expression; not part of what is equal.
    """

    name: str
    bx_offset: int = 0
    cuts: tuple[str, ...] = ()
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        offset = f"{self.bx_offset:+d}" if self.bx_offset else ""
        return f"{self.name}{offset}{_bracket(self.cuts)}"


@dataclass(frozen=True, slots=True)
class ConditionTerm:
    """One condition as written: a function of objects, or a single object (function "").

    Parameters
    ----------
    function : str
        Name of the function, or "".
    objects : tuple of ObjectTerm
        In the order written.
    cuts : tuple of str
        Names of the cuts between the objects.
    position : int
        Index of its first character in the expression; not part of what is equal.
    """

    function: str
    objects: tuple[ObjectTerm, ...]
    cuts: tuple[str, ...] = ()
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        objects = ",".join(str(item) for item in self.objects)
        return f"{self.function}{{{objects}}}{_bracket(self.cuts)}" if self.function else objects


@dataclass(frozen=True, slots=True)
class Reference:
    """A condition that stands in the expression."""

    term: ConditionTerm

    @property
    def name(self) -> str:
        """Name of the condition: its text without white space."""
        return str(self.term)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Not:
    """True where `operand` is not."""

    operand: Expression

    def __str__(self) -> str:
        return f"NOT {_inner(self.operand)}"


@dataclass(frozen=True, slots=True)
class And:
    """True where all `operands` are; two or more."""

    operands: tuple[Expression, ...]

    def __str__(self) -> str:
        return " AND ".join(_inner(operand) for operand in self.operands)


@dataclass(frozen=True, slots=True)
class Or:
    """True where any of the `operands` is; two or more."""

    operands: tuple[Expression, ...]

    def __str__(self) -> str:
        return " OR ".join(_inner(operand) for operand in self.operands)


@dataclass(frozen=True, slots=True)
class Xor:
    """True where an odd number of the `operands` is; two or more."""

    operands: tuple[Expression, ...]

    def __str__(self) -> str:
        return " XOR ".join(_inner(operand) for operand in self.operands)


Expression: TypeAlias = And | Or | Xor | Not | Reference


def references(tree: Expression) -> Iterator[Reference]:
    """Conditions of `tree` in the order written; one that stands twice comes twice."""
    match tree:
        case Reference():
            yield tree
        case Not(operand):
            yield from references(operand)
        case And(operands) | Or(operands) | Xor(operands):
            for operand in operands:
                yield from references(operand)


def _bracket(cuts: tuple[str, ...]) -> str:
    return f"[{','.join(cuts)}]" if cuts else ""


def _inner(tree: Expression) -> str:
    """Text of an operand: in parentheses unless it is a condition."""
    return str(tree) if isinstance(tree, Reference) else f"({tree})"

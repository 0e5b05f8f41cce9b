"""The menu grammar (tmGrammar): from the text of an expression to its tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from l1ml.errors import ConfigError
from l1ml.trigger.menus.expression import And, ConditionTerm, Expression, Not, ObjectTerm, Or, Reference, Xor
from l1ml.trigger.menus.object_types import function_called, split_object

__all__ = ["GrammarError", "parse_expression"]

# the operators are words, so that none may run on into a name; a mixture of them is parsed in some order and then refused
_GRAMMAR = r"""
?start: either
?either: exclusive (_OR exclusive)*
?exclusive: both (_XOR both)*
?both: unary (_AND unary)*
?unary: _NOT unary -> negation
      | condition
      | "(" either ")" -> group
condition: FUNCTION "{" object ("," object)* "}" cuts? -> function
         | object -> single
object: (EXTERNAL | OBJECT) OFFSET? cuts?
cuts: "[" CUT ("," CUT)* "]"

_AND.2: /AND(?![A-Za-z0-9_.])/
_OR.2: /OR(?![A-Za-z0-9_.])/
_XOR.2: /XOR(?![A-Za-z0-9_.])/
_NOT.2: /NOT(?![A-Za-z0-9_.])/
EXTERNAL.1: /EXT_[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*/
OBJECT: /[A-Z][A-Za-z0-9_]*(\.[a-z]+\.[0-9p]*)?/
FUNCTION: /[a-z][a-z0-9_]*/
OFFSET: /[+-]\d+/
CUT: /[A-Z][A-Za-z0-9_-]*/
%import common.WS
%ignore WS
"""

_OPERATORS: dict[str, Callable[[tuple[Expression, ...]], Expression]] = {"either": Or, "exclusive": Xor, "both": And}
_MEANING = {
    "_AND": "AND",
    "_OR": "OR",
    "_XOR": "XOR",
    "_NOT": "NOT",
    "EXTERNAL": "an external signal",
    "OBJECT": "an object",
    "FUNCTION": "a function",
    "OFFSET": "a crossing offset",
    "CUT": "the name of a cut",
    "LPAR": "'('",
    "RPAR": "')'",
    "LBRACE": "'{'",
    "RBRACE": "'}'",
    "LSQB": "'['",
    "RSQB": "']'",
    "COMMA": "','",
    "$END": "the end",
}


class GrammarError(ConfigError):
    """An expression that the grammar does not know.

    Parameters
    ----------
    reason : str
        What is wrong.
    text : str
        The expression.
    position : int
        Index of the offending character, 0 to ``len(text)`` (the end).
    where : str
        Algorithm that holds the expression, if it is known.
    """

    def __init__(self, reason: str, text: str, position: int, where: str = "") -> None:
        self.reason = reason
        self.text = text
        self.position = position
        before, after = text[max(0, position - 20) : position], text[position : position + 20]
        place = f"{where}, " if where else ""
        super().__init__(f"{place}column {position + 1}: {reason}, at {before!r} >>> {after!r}")

    def within(self, where: str) -> GrammarError:
        """The same error in the algorithm called `where`."""
        return GrammarError(self.reason, self.text, self.position, where)

    @property
    def caret(self) -> str:
        """The expression with a caret below the offending character, two lines."""
        return f"{self.text}\n{' ' * self.position}^"


@cache
def parse_expression(text: str) -> Expression:
    """Tree of the logical expression `text`.

    Raises
    ------
    GrammarError
        On text outside the grammar, an unknown function or object, a wrong number of objects, or AND, OR, XOR side by side
        without parentheses; it knows the character.

    Notes
    -----
    The names of cuts and external signals are looked up when the conditions of a menu are made: a grammar does not know them.

    Examples
    --------
    >>> str(parse_expression("comb{MU5[MU-QLTY_SNGL], MU3+1} AND NOT EXT_ZeroBias"))
    'comb{MU5[MU-QLTY_SNGL],MU3+1} AND (NOT EXT_ZeroBias)'
    """
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise _located(error, text) from None
    return _expression(tree, text)


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", maybe_placeholders=False)


def _located(error: UnexpectedInput, text: str) -> GrammarError:
    """The error of the parser, in words and at its character."""
    if isinstance(error, UnexpectedCharacters):
        # lark declares pos_in_stream without its type
        position = int(getattr(error, "pos_in_stream", 0))
        return GrammarError(f"found {text[position]!r} where the grammar wants {_in_words(error.allowed or ())}", text, position)
    if isinstance(error, UnexpectedToken):
        at_end = error.token.type == "$END"
        position = len(text) if at_end else error.token.start_pos
        found = "the end" if at_end else repr(str(error.token))
        wanted = _in_words(error.accepts or error.expected)
        return GrammarError(f"found {found} where the grammar wants {wanted}", text, position)
    return GrammarError("the expression ends too early", text, len(text))


def _in_words(terminals: Iterable[str]) -> str:
    return " or ".join(sorted({_MEANING.get(name, name) for name in terminals} - {"WS"}))


def _expression(tree: Tree[Token], text: str) -> Expression:
    if tree.data == "negation":
        return Not(_expression(_subtrees(tree)[0], text))
    if tree.data in {"function", "single"}:
        return Reference(_condition(tree, text))
    if tree.data == "group":
        return _expression(_subtrees(tree)[0], text)
    for child in _subtrees(tree):
        if child.data in _OPERATORS:
            msg = "put parentheses around operators of one kind: which of AND, XOR, OR binds tighter is not defined"
            raise GrammarError(msg, text, next(child.scan_values(lambda _: True)).start_pos or 0)
    operands = tuple(_expression(child, text) for child in _subtrees(tree))
    return _OPERATORS[str(tree.data)](operands)


def _condition(tree: Tree[Token], text: str) -> ConditionTerm:
    parts = _subtrees(tree)
    objects = tuple(_object(part, text) for part in parts if part.data == "object")
    if tree.data == "single":
        return ConditionTerm("", objects, (), objects[0].position)
    name = _tokens(tree)[0]
    position = name.start_pos or 0
    _check_function(str(name), len(objects), text, position)
    return ConditionTerm(str(name), objects, _cuts(parts), position)


def _check_function(name: str, n_objects: int, text: str, position: int) -> None:
    try:
        function = function_called(name)
    except ConfigError as error:
        raise GrammarError(str(error), text, position) from None
    if not function.fewest <= n_objects <= function.most:
        limits = f"{function.fewest} to {function.most}" if function.fewest < function.most else str(function.most)
        msg = f"{name} takes {limits} objects, received {n_objects}"
        raise GrammarError(msg, text, position)


def _object(tree: Tree[Token], text: str) -> ObjectTerm:
    name, *offset = _tokens(tree)
    position = name.start_pos or 0
    try:
        split_object(str(name))
    except ConfigError as error:
        raise GrammarError(str(error), text, position) from None
    return ObjectTerm(str(name), int(offset[0]) if offset else 0, _cuts(_subtrees(tree)), position)


def _cuts(parts: list[Tree[Token]]) -> tuple[str, ...]:
    return tuple(str(token) for part in parts if part.data == "cuts" for token in _tokens(part))


def _subtrees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _tokens(tree: Tree[Token]) -> list[Token]:
    return [child for child in tree.children if isinstance(child, Token)]

"""A tree of joins: of n items it is as deep as the logarithm of n, where one after the other would be n deep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["joined_in_pairs"]

Item = TypeVar("Item")


def joined_in_pairs(items: Sequence[Item], join: Callable[[Item, Item], Item]) -> Item:
    """All `items`, at least one, joined in pairs of neighbours, and so on with what results; the order is kept.

    Examples
    --------
    >>> joined_in_pairs(["a", "b", "c", "d", "e"], "({} {})".format)
    '(((a b) (c d)) e)'
    """
    while len(items) > 1:
        pairs = [join(first, second) for first, second in zip(items[::2], items[1::2], strict=False)]
        items = [*pairs, *items[2 * len(pairs) :]]
    return items[0]

"""A leaderboard: the models in floats, in plain 8 bits and as they are shipped, made by one command and read by another."""

from __future__ import annotations

from l1ml.workflow.leaderboard.board import Board, Comparison, make_board, read_board
from l1ml.workflow.leaderboard.making import BoardConfig
from l1ml.workflow.leaderboard.row import Count, Latency, Row, Words
from l1ml.workflow.leaderboard.variant import VARIANTS, Variant, variants_of
from l1ml.workflow.leaderboard.worth_step import is_compared

__all__ = [
    "VARIANTS",
    "Board",
    "BoardConfig",
    "Comparison",
    "Count",
    "Latency",
    "Row",
    "Variant",
    "Words",
    "is_compared",
    "make_board",
    "read_board",
    "variants_of",
]

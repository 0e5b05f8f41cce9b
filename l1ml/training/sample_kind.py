"""What families train on: the events of bunch crossings, jets one by one, or the hits of a detector."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CROSSINGS", "HITS", "JETS", "SampleKind"]


@dataclass(frozen=True, slots=True)
class SampleKind:
    """One kind of sample.

    Parameters
    ----------
    name : str
        What its events are.
    table : str
        Table of a recipe that says what to generate.
    process : str
        The process of it that is trained on.
    """

    name: str
    table: str
    process: str


CROSSINGS = SampleKind("crossings", "events", "zero_bias")
JETS = SampleKind("jets", "jets", "jets")
HITS = SampleKind("hits", "hits", "hits")

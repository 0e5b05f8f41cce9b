"""Graphs of the hits of a detector, built online: which sensors can be neighbours is decided once, from a formal description.

M. Neu et al., Real-time graph building on FPGAs for machine learning trigger applications in particle physics, Comput. Softw. Big
Sci. 8 (2024) 8, arXiv:2307.07289. What can be an edge is a table of wires, so that the edges of an event take constant time, and
logic that grows as the number of sensors does.
"""

from __future__ import annotations

from l1ml.model.graphs.hit_graph import HitGraph
from l1ml.model.graphs.rules import EpsilonRule, GraphRule, NearestRule, PatternRule
from l1ml.model.graphs.similarity import EdgeSimilarity, compare_graphs

__all__ = ["EdgeSimilarity", "EpsilonRule", "GraphRule", "HitGraph", "NearestRule", "PatternRule", "compare_graphs"]

"""A graph builder as a recipe: the formal description of a detector, the rule that is built, and rules to compare it with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from l1ml.configuration import from_mapping, read_toml
from l1ml.conversion import ConversionConfig, FirmwareProject, rtl_project
from l1ml.data.generation.drift_chamber import ChamberConfig, ChamberHits, chamber_hits
from l1ml.errors import ConfigError, nearest
from l1ml.hardware.detector import Detector
from l1ml.model.graphs import EpsilonRule, GraphRule, HitGraph, NearestRule, PatternRule, compare_graphs

__all__ = ["GraphRecipe", "graph_project", "graph_summary", "read_graph_recipe"]

_GOLDEN = 256


@dataclass(frozen=True, slots=True)
class GraphRecipe:
    """What a graph builder is made from.

    Parameters
    ----------
    detector : Detector
        Layers of sensors.
    build : str
        Rule that goes into firmware: "pattern", "epsilon" or "nearest"; its table must be there. Others are compared with it.
    pattern, epsilon, nearest : rules, optional
        See `l1ml.model.graphs.rules`.
    hits : ChamberConfig
        Toy hits on which graphs are compared and golden words are made.
    crossings : int
        How many.
    seed : int
        Of the hits.
    conversion : ConversionConfig
        Part, clock and language of the RTL.

    Raises
    ------
    ConfigError
        If the rule to build has no table.
    """

    detector: Detector
    build: str = "pattern"
    pattern: PatternRule | None = None
    epsilon: EpsilonRule | None = None
    nearest: NearestRule | None = None
    hits: ChamberConfig = field(default_factory=ChamberConfig)
    crossings: int = 2000
    seed: int = 1
    conversion: ConversionConfig = field(default_factory=ConversionConfig)

    def __post_init__(self) -> None:
        if self.build not in self.rules:
            msg = f"build names a rule whose table is there, received {self.build!r}; {nearest(self.build, self.rules)}"
            raise ConfigError(msg)
        if self.crossings < _GOLDEN or self.seed < 0:
            msg = f"crossings must be at least {_GOLDEN} and the seed not negative, received {self.crossings} and {self.seed}"
            raise ConfigError(msg)

    @property
    def rules(self) -> dict[str, GraphRule]:
        """The rules that have a table, by name."""
        rules = {"pattern": self.pattern, "epsilon": self.epsilon, "nearest": self.nearest}
        return {name: rule for name, rule in rules.items() if rule is not None}

    def sample(self) -> ChamberHits:
        """The toy hits."""
        return chamber_hits(self.detector, self.hits, self.crossings, np.random.default_rng(self.seed))


def read_graph_recipe(path: Path) -> GraphRecipe:
    """The recipe in the TOML file `path`.

    Raises
    ------
    ConfigError
        If the file is missing, is not TOML, or says something that cannot be meant.
    """
    return from_mapping(GraphRecipe, read_toml(path), str(path))


def graph_summary(recipe: GraphRecipe) -> dict[str, Any]:
    """Tables of all rules, and how alike their graphs are to the one that is built, on the toy hits."""
    sample = recipe.sample()
    hits = sample.words > 0
    graphs = {name: HitGraph.of(recipe.detector, rule) for name, rule in recipe.rules.items()}
    wanted = graphs[recipe.build].edges(hits)
    rules = {}
    for name, graph in graphs.items():
        alike = compare_graphs(wanted, graph.edges(hits))
        table = {"edges": graph.n_edges, "neighbours": graph.n_places}
        rules[name] = {**table, "edges_per_crossing": alike.wanted / len(hits), "similarity": alike.to_dict()}
    n_hits = int(hits.sum())
    occupancy = {"hits_per_crossing": n_hits / len(hits), "of_tracks": int(sample.of_track.sum()) / max(n_hits, 1)}
    detector = {"name": recipe.detector.name, "sensors": recipe.detector.n_sensors}
    return {"detector": detector, "build": recipe.build, "crossings": len(hits), "seed": recipe.seed, **occupancy, "rules": rules}


def graph_project(recipe: GraphRecipe) -> FirmwareProject:
    """RTL of the graph builder: drift-time words of all sensors in, one bit for each possible edge out, in every clock cycle.

    Bit p + n_places * s says that sensor s has the neighbour p of its table, which is in the manifest.

    Raises
    ------
    ConversionError
        If the RTL does not give the edges of the golden crossings.
    """
    from l1ml.training.graph.delivery import deliver_on_hits
    from l1ml.training.graph.interaction_network import build_edges

    detector = recipe.detector
    graph = HitGraph.of(detector, recipe.rules[recipe.build])
    words, bits = recipe.sample().words[:_GOLDEN], recipe.hits.time_bits
    what = f"edges by the rule {recipe.build}"
    model = deliver_on_hits(build_edges(graph), detector, words, time_bits=bits, name=detector.name, output=what)
    project = rtl_project(model, recipe.conversion)
    table = {"detector": detector.to_dict(), "build": recipe.build, "limit": graph.limit, "neighbours": graph.neighbours.tolist()}
    return replace(project, description={**project.description, "graph": table})

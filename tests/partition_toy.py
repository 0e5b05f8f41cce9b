"""A menu on files of two formats that can be divided, for the tests of runs over many workers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from toy import toy_events
from trigger_toy import menu_with
from ugt_toy import crossing_of

from l1ml.data import EventWriter
from l1ml.data.ugt_vectors import Crossings, write_vectors
from l1ml.trigger.menus.menu_source import MenuSource
from l1ml.trigger.menus.toml_menu import write_toml_menu

__all__ = ["files_of", "source_of"]


def source_of(folder: Path) -> MenuSource:
    """A menu with a prescaled seed, a set of alternatives, one without network; and a table of two columns."""
    expressions = ("MU10", "JET30", "comb{JET30, JET50}", "EG10 AND JET30", "AXO[AXO-MODEL_axo, AXO-SCORE_5]")
    write_toml_menu(folder / "menu.toml", menu_with(*expressions, L1_1={"alternatives": "J"}, L1_2={"alternatives": "J"}))
    rows = ["Index,Name,A,B", "0,L1_0,1,3", "1,L1_1,2.5,1", "2,L1_2,1.5,1", "3,L1_3,7,0", "4,L1_4,0,0"]
    (folder / "prescales.csv").write_text("\n".join(rows) + "\n")
    return MenuSource(folder / "menu.toml", (folder / "prescales.csv",), ("A", "B"))


def files_of(folder: Path, *, orbits: int = 3, events: int = 400) -> list[Path]:
    """Vectors with objects in some crossings, and weighted events of which many are copies of one another."""
    rng = np.random.default_rng(20261123)
    orbit = crossing_of({"muon": [{"pt": 40}], "jet": [{"pt": 120}, {"pt": 90}], "egamma": [{"pt": 40}]}, 3564)
    for words in orbit.words.values():
        words[rng.random(3564) < 0.6] = 0
    again = Crossings.from_words(orbit.era, orbit.words)
    write_vectors(folder / "orbits_2024.txt", (again for _ in range(orbits)))
    copies = np.minimum(np.arange(events) // 3 + rng.integers(0, 3, events), events).astype(np.uint64)
    sample = replace(toy_events(events, rng), group=copies, weight=rng.random(events))
    with EventWriter(folder / "events.h5", sample.schema, process="toy", provenance={}) as writer:
        writer.append(sample)
    return [folder / "orbits_2024.txt", folder / "events.h5"]

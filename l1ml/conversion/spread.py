"""How far a LUT count before place and route can be trusted: figures of public networks beside what Vivado made of them.

``spread.csv`` has one row for each network and tool, none left out. The weights of a network are

* ``public``: the published network itself, counted by the tool here (HGQ: ``alkaid convert`` with hgq2 0.2.0, the settings of
  `l1ml.conversion.rtl` and 200 MHz; which file is which row of the publication follows from its accuracy);
* ``published``: the authors' own estimate, by da4ml, of which alkaid is the successor with the same kind of cost model;
* ``random``: only the shape is public. Weights are random, as sparse as makes alkaid's estimate that of the authors; so such
  a row says something about synthesis and nothing about the estimate (``tests/benchmarks/test_estimate_spread.py`` makes it,
  and a larger one, 8p16f, that Yosys in WebAssembly did not finish within ten minutes).

Counts were compared on one part (VU13P, out of context); HLS figures on xcu250 and against Vivado's synthesis, not its routing.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["Pair", "Spread", "pairs", "spread_of"]

_FAMILIES = {"da4ml": "alkaid", "Vivado HLS": "Vitis HLS"}
"""Tools whose figures stand for those of their successor."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One network: LUT as a tool counted them, and as Vivado did at a later stage.

    Parameters
    ----------
    network, weights, tool, version, stage : str
        See the module.
    lut, reference_lut : int
        The count, and Vivado's.
    reference_stage : str
        "impl" (placed and routed) or "synth".
    source : str
        Where network and reference are from.
    """

    network: str
    weights: str
    tool: str
    version: str
    stage: str
    lut: int
    reference_stage: str
    reference_lut: int
    source: str

    @property
    def ratio(self) -> float:
        """Count over reference: below one, the tool promises too much."""
        return self.lut / self.reference_lut


@dataclass(frozen=True, slots=True)
class Spread:
    """Range of the ratio of a tool's LUT to those of a later stage of Vivado, over `networks` networks."""

    low: float
    high: float
    networks: int
    reference_stage: str

    def __str__(self) -> str:
        networks = f"{self.networks} networks"
        return f"x{self.low:.2f} to x{self.high:.2f} of Vivado's {self.reference_stage} LUT ({networks})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "text": str(self)}


@cache
def pairs() -> tuple[Pair, ...]:
    """All networks of ``spread.csv``."""
    text = resources.files("l1ml.conversion").joinpath("spread.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(Pair(**{**row, "lut": int(row["lut"]), "reference_lut": int(row["reference_lut"])}) for row in rows)  # type: ignore[arg-type]


def spread_of(tool: str, stage: str) -> Spread | None:
    """How the LUT of `tool` at `stage` compared with Vivado's; None where nothing is known, as for Vivado's own.

    Examples
    --------
    >>> spread_of("Vivado", "impl") is None
    True
    """
    family = _FAMILIES.get(tool, tool)
    known = [pair for pair in pairs() if (_FAMILIES.get(pair.tool, pair.tool), pair.stage) == (family, stage)]
    if not known:
        return None
    ratios = [pair.ratio for pair in known]
    networks = len({pair.network for pair in known})
    return Spread(min(ratios), max(ratios), networks, known[0].reference_stage)

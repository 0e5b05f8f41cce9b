"""How many LUTs an effective bit operation makes: networks of learned bits, counted by Yosys.

``bit_operations.csv`` has one row for each network, none left out: a classifier of jets by 16 high-level features, trained at
rising prices of its bits (``tests/benchmarks/test_learned_bits.py`` makes them, the one of other prices with its settings
changed). EBOPs are those of `l1ml.training.bits.count_bit_operations`; LUTs are those of the whole design, adders, rectifiers
and roundings included, without DSP blocks and for one result a clock. The line through them is one of logarithms. All of them
are sparse networks of one shape, so that its spread says nothing about other shapes.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from l1ml.errors import ConfigError

__all__ = ["CountedNetwork", "LutPerBitOperation", "counted_networks", "lut_of_bit_operations"]


@dataclass(frozen=True, slots=True)
class CountedNetwork:
    """One network: what it costs in effective bit operations and in LUTs, by which tool, and for which part.

    Parameters
    ----------
    network : str
        Layers and granularity of the bits.
    ebops, estimate_lut, lut : int
        Effective bit operations; LUTs as alkaid estimates and as the tool counted them.
    tool, version, part : str
        That counted.
    """

    network: str
    ebops: int
    estimate_lut: int
    lut: int
    tool: str
    version: str
    part: str


@dataclass(frozen=True, slots=True)
class LutPerBitOperation:
    """``lut = factor * ebops ** power``, and the range of what was counted over what this says.

    Parameters
    ----------
    factor, power : float
        Least squares of the logarithms.
    low, high : float
        Smallest and largest count over the line, of the networks that it was fitted to.
    least, most : int
        Range of their EBOPs.
    networks : int
        How many.
    """

    factor: float
    power: float
    low: float
    high: float
    least: int
    most: int
    networks: int

    def lut(self, ebops: float) -> float:
        """LUTs of a network of `ebops` effective bit operations.

        Raises
        ------
        ConfigError
            If `ebops` is beyond what was counted.
        """
        if not self.least <= ebops <= self.most:
            msg = f"{ebops} effective bit operations are outside {self.least} to {self.most}, which were counted: synthesise"
            raise ConfigError(msg)
        return float(self.factor * ebops**self.power)


@cache
def counted_networks() -> tuple[CountedNetwork, ...]:
    """All rows of ``bit_operations.csv``."""
    text = resources.files("l1ml.conversion").joinpath("bit_operations.csv").read_text(encoding="utf-8")
    numbers = ("ebops", "estimate_lut", "lut")
    rows = [
        {key: int(value) if key in numbers else value for key, value in row.items()} for row in csv.DictReader(text.splitlines())
    ]
    return tuple(CountedNetwork(**row) for row in rows)  # type: ignore[arg-type]


@cache
def lut_of_bit_operations() -> LutPerBitOperation:
    """The line through all counted networks."""
    ebops, lut = np.array([(item.ebops, item.lut) for item in counted_networks()], np.float64).T
    power, shift = np.polyfit(np.log(ebops), np.log(lut), 1)
    ratio = lut / np.exp(shift + power * np.log(ebops))
    ends = float(ratio.min()), float(ratio.max()), int(ebops.min()), int(ebops.max())
    return LutPerBitOperation(float(np.exp(shift)), float(power), *ends, len(lut))

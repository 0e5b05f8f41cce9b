"""Whether a count can be that of the network: a netlist whose weights were lost is small, and no tool calls it an error."""

from __future__ import annotations

from l1ml.conversion.synthesis_report import SynthesisReport
from l1ml.errors import ConversionError

__all__ = ["require_network"]

_SHARE = 0.25
"""Least part of alkaid's estimate that a netlist of the whole network can have. Placed and routed designs have 0.97 to 1.36 of it
(`l1ml.conversion.spread`), so that a quarter leaves out three of four weights."""

_LUT_PER_DSP = 55
"""Look-up tables that one DSP block stands for in such networks (Sun et al., arXiv:2405.00645)."""


def require_network(report: SynthesisReport, estimate: SynthesisReport) -> None:
    """Refuse a `report` with far less logic than alkaid's `estimate` of the same network.

    The usual reasons are memory files that the synthesiser did not find, so that all weights read as zero, and an output that
    became constant. A design that takes an input in every cycle shares nothing, so the floor holds for it alone.

    Raises
    ------
    ConversionError
        With both figures.
    """
    shares_hardware = report.interval_cycles is not None and report.interval_cycles > 1
    if shares_hardware or report.lut is None or estimate.lut is None:
        return
    found = report.lut + _LUT_PER_DSP * (report.dsp or 0)
    if found < _SHARE * estimate.lut:
        msg = (
            f"{report.tool} {report.version} ({report.stage}) counts {report.lut:,} LUT and {report.dsp or 0} DSP where "
            f"{estimate.tool} estimates {estimate.lut:,} LUT: did it find all weights, and does the output depend on the input?"
        )
        raise ConversionError(msg)

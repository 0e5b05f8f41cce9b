"""Resources, timing and measured latency of all stages and tools side by side, each row with its own name, never mixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from l1ml.conversion.spread import spread_of
from l1ml.hardware import family_of
from l1ml.reporting.formatting import ABSENT, count
from l1ml.reporting.table import Table

__all__ = ["firmware_table", "synthesis_label", "synthesis_row"]

_RESOURCES = ("lut", "ff", "carry", "dsp", "bram18", "uram")
_VENDOR_TOOLS = ("vivado", "vitis")
_COLUMNS = (
    "tool, version, stage", "part", "clock [ns]", "LUT", "FF", "CARRY", "DSP", "BRAM18", "URAM",
    "latency [cycles]", "interval [cycles]", "WNS [ns]", "fmax [MHz]", "LUT over Vivado's",
)  # fmt: skip
_NOTE = (
    "In brackets the share of the device. Counts of different tools and stages differ: the last column is the range of this "
    "tool's LUT over Vivado's own (impl: placed and routed) for public networks. WNS is the worst setup slack against the clock "
    "asked for, fmax the clock that it leaves; neither exists before Vivado has timed a netlist. Latency is measured in the "
    "simulated RTL where the row says so, and claimed elsewhere."
)


def synthesis_row(row: Mapping[str, Any], device: Mapping[str, Any]) -> dict[str, Any]:
    """One report with its share of the device and the words that must stand beside it."""
    shares = {name: 100.0 * row[name] / device[name] for name in _RESOURCES if row.get(name) is not None and device.get(name)}
    # what is known now, also for a count from before; of other vendors' devices nothing is
    spread = None if family_of(str(row["part"])) is None else spread_of(str(row["tool"]), str(row["stage"]))
    known = None if spread is None else spread.to_dict()
    return {**row, "label": synthesis_label(row), "device_percent": shares, "spread": known}


def synthesis_label(row: Mapping[str, Any]) -> str:
    """Tool, version and stage; an estimate and a count that is not the vendor's are called so."""
    text = f"{row['tool']} {row['version']}, {row['stage']}"
    if row["stage"] == "estimate":
        return f"{row['tool']} {row['version']}, estimate before synthesis"
    return text if any(name in row["tool"].lower() for name in _VENDOR_TOOLS) else f"{text} (not Vivado)"


def firmware_table(
    synthesis: Sequence[Mapping[str, Any]],
    latency: Mapping[str, Any] | None,
    part: str,
    cosimulated: Sequence[Mapping[str, Any]] = (),
) -> Table:
    """The table of a report and of ``l1ml synth``.

    Parameters
    ----------
    synthesis : sequence of mapping
        Rows as `synthesis_row` makes them.
    latency : mapping or None
        What the RTL simulation measured (``verification.json``).
    part : str
        Device of the project that was simulated.
    cosimulated : sequence of mapping
        Latencies that the vendor's co-simulation measured.
    """
    rows = [_resources(row) for row in synthesis]
    if latency is not None:
        label = f"{latency['measured_by']} of the RTL (measured)"
        rows.append(_measured(label, part, latency["clock_ns"], str(latency["cycles"]), latency["interval_cycles"]))
    for row in cosimulated:
        label = f"{row['tool']} {row['version']} (measured)"
        rows.append(_measured(label, row["part"], row["clock_ns"], _range(row), row["interval_cycles"]))
    return Table("Resources", _COLUMNS, tuple(rows), _NOTE)


def _resources(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        row["label"],
        row["part"],
        _number(row.get("clock_ns"), ".3f"),
        *(_resource(row, name) for name in _RESOURCES),
        count(row.get("latency_cycles")),
        count(row.get("interval_cycles")),
        _slack(row),
        _number(row.get("fmax_mhz"), ".0f"),
        _spread(row.get("spread")),
    )


def _measured(label: str, part: str, clock_ns: float, cycles: str, interval: int | None) -> tuple[str, ...]:
    nothing = [ABSENT] * len(_RESOURCES)
    return (label, part, _number(clock_ns, ".3f"), *nothing, cycles, count(interval), ABSENT, ABSENT, ABSENT)


def _range(row: Mapping[str, Any]) -> str:
    """Fewest and most cycles, where they differ."""
    least, most = row["min_cycles"], row["max_cycles"]
    return str(most) if least == most else f"{least} to {most}"


def _resource(row: Mapping[str, Any], name: str) -> str:
    share = row["device_percent"].get(name)
    return count(row.get(name)) + (f" ({share:.2g} %)" if share else "")


def _slack(row: Mapping[str, Any]) -> str:
    """Slack, and in words that it is not enough."""
    text = _number(row.get("slack_ns"), "+.3f")
    return f"{text} (not met)" if row.get("meets_clock") is False else text


def _number(value: float | None, form: str) -> str:
    return ABSENT if value is None else format(value, form)


def _spread(spread: Mapping[str, Any] | None) -> str:
    if spread is None:
        return ABSENT
    return f"x{spread['low']:.2f} to x{spread['high']:.2f} of {spread['reference_stage']}, {spread['networks']} networks"

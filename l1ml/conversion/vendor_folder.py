"""Reports of the vendor's tools that were made somewhere else: whatever of them a folder holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from l1ml.conversion.cosim_report import read_cosim
from l1ml.conversion.csynth_text import read_csynth_text
from l1ml.conversion.export_report import read_export
from l1ml.conversion.latency_report import LatencyReport
from l1ml.conversion.synthesis_report import SynthesisReport
from l1ml.conversion.vendor_reports import read_csynth, read_routed, read_utilization
from l1ml.errors import ConversionError

__all__ = ["VendorReports", "read_vendor_folder", "vendor_files"]

_STEPS = ("post_synth", "post_route")


@dataclass(frozen=True, slots=True)
class VendorReports:
    """What a folder said, by kind."""

    synthesis: tuple[SynthesisReport, ...]
    latencies: tuple[LatencyReport, ...]


def vendor_files(folder: Path, top: str) -> dict[str, Path]:
    """Reports of the design `top` under `folder`, by file name; those of its parts are left out.

    Raises
    ------
    ConversionError
        If one is there twice: which one counts?
    """
    known = [
        f"{top}_csynth.xml",
        f"{top}_csynth.rpt",
        f"{top}_cosim.rpt",
        "export_syn.xml",
        "export_impl.xml",
        "vivado_synth.rpt",
    ]
    known += [f"{top}_{step}_{kind}.rpt" for step in _STEPS for kind in ("util", "timing")]
    found: dict[str, Path] = {}
    for name in known:
        paths = sorted(folder.rglob(name))
        if len(paths) > 1:
            msg = f"{folder} has {name} {len(paths)} times, of different runs: {', '.join(str(path) for path in paths)}; keep one"
            raise ConversionError(msg)
        if paths:
            found[name] = paths[0]
    return found


def read_vendor_folder(folder: Path, top: str, clock_ns: float) -> VendorReports:
    """Figures of every report of the design `top` under `folder`.

    Parameters
    ----------
    folder : Path
        A project as the tools left it, or only its reports; any depth.
    top : str
        Top function or module.
    clock_ns : float
        Clock of the project, for reports without one, in ns.

    Raises
    ------
    ConversionError
        If a report cannot be read, contradicts itself, or is of another clock.
    """
    files = vendor_files(folder, top)
    synthesis = list(_hls(files, top))
    latencies = [_cosim(files[f"{top}_cosim.rpt"], synthesis)] if f"{top}_cosim.rpt" in files else []
    if "vivado_synth.rpt" in files:
        synthesis.append(read_utilization(files["vivado_synth.rpt"], clock_ns))
    synthesis += [read_export(files[name]) for name in ("export_syn.xml", "export_impl.xml") if name in files]
    for step in _STEPS:
        resources, timing = (files.get(f"{top}_{step}_{kind}.rpt") for kind in ("util", "timing"))
        if resources is not None:
            routed = read_utilization(resources, clock_ns) if timing is None else read_routed(resources, timing, clock_ns)
            synthesis.append(routed)
    return VendorReports(tuple(synthesis), tuple(latencies))


def _hls(files: dict[str, Path], top: str) -> Iterator[SynthesisReport]:
    """C synthesis, from its XML rather than its text."""
    if f"{top}_csynth.xml" in files:
        yield read_csynth(files[f"{top}_csynth.xml"])
    elif f"{top}_csynth.rpt" in files:
        yield read_csynth_text(files[f"{top}_csynth.rpt"])


def _cosim(path: Path, synthesis: list[SynthesisReport]) -> LatencyReport:
    """Co-simulation, with version, part and clock of the C synthesis before it."""
    clock_ns = synthesis[0].clock_ns if synthesis else None
    if clock_ns is None:
        msg = f"{path} names neither tool version nor clock: put the C synthesis report of the same run beside it"
        raise ConversionError(msg)
    return read_cosim(path, version=synthesis[0].version, part=synthesis[0].part, clock_ns=clock_ns)

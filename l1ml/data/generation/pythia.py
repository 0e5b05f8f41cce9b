"""Pythia 8: the processes, their settings, and events in batches.

pythia8mc is GPL-2 or later: an optional extra of l1ml, imported here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from l1ml._optional import require
from l1ml.data.generation.config import GenerationConfig
from l1ml.data.generation.signals import DEFAULT_SIGNALS, SIGNAL_RECIPES
from l1ml.errors import DataError

__all__ = ["SIGNALS", "TUNE", "PythiaProcess", "batches", "hard_qcd", "pythia_version", "signal", "soft_qcd", "start"]

TUNE = "Monash 2013"
_BATCH = 125
_MAX_SEED = 900_000_000


@dataclass(frozen=True, slots=True)
class PythiaProcess:
    """A named list of Pythia settings, as ``readString`` takes them; `displaced` as in `SignalRecipe`."""

    name: str
    settings: tuple[str, ...]
    displaced: bool = False


def _common(config: GenerationConfig) -> tuple[str, ...]:
    """Settings of every process: beams and the Monash 2013 tune (P. Skands et al., arXiv:1404.5630)."""
    return (f"Beams:eCM={config.energy_gev!r}", "Tune:pp=14", "Random:setSeed=on", "Print:quiet=on")


def soft_qcd(config: GenerationConfig) -> PythiaProcess:
    """All inelastic collisions: non-diffractive, single, double and central diffractive."""
    return PythiaProcess("soft", (*_common(config), "SoftQCD:inelastic=on"))


def hard_qcd(config: GenerationConfig) -> PythiaProcess:
    """QCD 2 -> 2 above ``p1``, drawn with ``(pThat / p1) ** bias_power`` and weighted back."""
    threshold = config.hard_threshold_gev
    return PythiaProcess(
        "hard",
        (
            *_common(config),
            "HardQCD:all=on",
            f"PhaseSpace:pTHatMin={threshold!r}",
            "PhaseSpace:bias2Selection=on",
            f"PhaseSpace:bias2SelectionPow={config.bias_power!r}",
            f"PhaseSpace:bias2SelectionRef={threshold!r}",
        ),
    )


SIGNALS = DEFAULT_SIGNALS
"""Names of the signal processes that are made by default: H -> aa -> 4b (m_H 125, m_a 50 GeV), gg -> H -> tau tau, top pairs."""


def signal(name: str, config: GenerationConfig) -> PythiaProcess:
    """The signal process `name`, one of `l1ml.data.generation.signals.SIGNAL_RECIPES`."""
    recipe = SIGNAL_RECIPES[name]
    return PythiaProcess(name, (*_common(config), *recipe.settings), recipe.displaced)


def start(process: PythiaProcess, seed: int, *, initialisation: Path | None = None, reuse: bool = False) -> Any:
    """Initialised Pythia instance.

    Parameters
    ----------
    process : PythiaProcess
        What to generate.
    seed : int
        Any non-negative integer; folded into Pythia's range 1..900000000.
    initialisation : Path, optional
        File of the multiparton-interaction tables, which cost 4 s per instance of soft QCD.
    reuse : bool
        Whether the file is read (True) or written (False).

    Raises
    ------
    DataError
        If Pythia refuses a setting or cannot start.
    """
    pythia = require("pythia8mc").Pythia("", False)
    for line in (*process.settings, f"Random:seed={seed % _MAX_SEED + 1}"):
        if not pythia.readString(line, True):
            msg = f"Pythia {pythia_version()} does not accept the setting {line!r} of process {process.name!r}"
            raise DataError(msg)
    if initialisation is not None:
        # not through readString, which ends a value at the first blank of a path
        pythia.settings.word("MultipartonInteractions:initFile", str(initialisation))
        pythia.settings.mode("MultipartonInteractions:reuseInit", 2 if reuse else 1)
    if not pythia.init():
        msg = f"Pythia {pythia_version()} could not initialise process {process.name!r}; its own message is above"
        raise DataError(msg)
    return pythia


def batches(pythia: Any, n: int) -> Iterator[Any]:
    """Exactly `n` events as awkward records, in batches of about a second, between which work can be stopped.

    Raises
    ------
    DataError
        If Pythia gives up, so that fewer than `n` events can be had.
    """
    done = 0
    while done < n:
        batch = pythia.nextBatch(min(_BATCH, n - done))
        if len(batch) == 0:
            msg = f"Pythia stopped after {done} of {n} events; its own message is above"
            raise DataError(msg)
        done += len(batch)
        yield batch


def pythia_version() -> str:
    """Version of the pythia8mc package, for instance 8.317.2."""
    require("pythia8mc")
    return version("pythia8mc")

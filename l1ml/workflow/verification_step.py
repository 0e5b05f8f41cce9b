"""Step 4: Keras, integers, C simulation and RTL simulation must agree in every word; latency is measured in the RTL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.hls_backends import HLS_BACKENDS
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.emulator import Emulator
from l1ml.emulation.integers import IntegerEmulator
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.verification import verify
from l1ml.errors import ConfigError, DataError, nearest
from l1ml.progress import Progress
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import Workspace

__all__ = ["EMULATORS", "verification_step"]

EMULATORS: dict[str, Callable[[Workspace], Emulator]] = {
    "keras": lambda workspace: KerasEmulator(workspace.model()),
    "integers": lambda workspace: IntegerEmulator(workspace.model().network),
    "c_simulation": lambda workspace: CSimulation(workspace.project(HLS_BACKENDS)),
    "rtl_simulation": lambda workspace: RtlSimulation(workspace.project(RTL_LANGUAGES)),
}
"""Every implementation of a model, and how it is made."""

_BACKENDS_OF: dict[str, Collection[str]] = {"c_simulation": HLS_BACKENDS, "rtl_simulation": RTL_LANGUAGES}


def verification_step(names: Sequence[str] = tuple(EMULATORS)) -> Step:
    """The step that compares the emulators called `names`.

    Raises
    ------
    ConfigError
        If a name is unknown.
    """
    for name in names:
        if name not in EMULATORS:
            msg = f"there is no emulator {name!r}; {nearest(name, EMULATORS)}"
            raise ConfigError(msg)

    def inputs(workspace: Workspace) -> Any:
        projects = _projects(workspace, names)
        return {
            "emulators": list(names),
            "model": workspace.model().digest,
            "projects": {backend: item["digest"] for backend, item in projects.items()},
            "verification": asdict(workspace.recipe.verification),
            "events": workspace.event_digests() if _has_events(workspace) else [],
        }

    def work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
        emulators = _build(workspace, names, progress)
        physics, source = _physics(workspace)
        verification = verify(emulators, physics, workspace.recipe.verification, progress=progress)
        verification.require_exact()
        return {
            **verification.to_dict(),
            "physics_from": source,
            "model_digest": workspace.model().digest,
            "latency": _latency(emulators),
        }

    return Step("verification", "verify", inputs, work)


def _projects(workspace: Workspace, names: Sequence[str]) -> dict[str, Any]:
    """Entries of the generated projects that the emulators `names` run; they must be those of the present model."""
    wanted = [_BACKENDS_OF[name] for name in names if name in _BACKENDS_OF]
    if not wanted:
        return {}
    content = workspace.result("conversion", "convert")
    if content["model_digest"] != workspace.model().digest:
        msg = f"the projects are of model {content['model_digest'][:8]}, the present one is {workspace.model().digest[:8]}; "
        raise DataError(msg + f"convert it with: l1ml convert {workspace.folder}")
    return {backend: item for backends in wanted for backend, item in workspace.projects_of(backends).items()}


def _build(workspace: Workspace, names: Sequence[str], progress: Progress) -> list[Emulator]:
    progress.start("building simulations", len(names))
    emulators = []
    for name in names:
        emulators.append(EMULATORS[name](workspace))
        progress.advance()
    progress.finish()
    return emulators


def _has_events(workspace: Workspace) -> bool:
    return (workspace.run / "events.json").is_file()


def _physics(workspace: Workspace) -> tuple[NDArray[np.int32], str]:
    """Words of all generated crossings; for a shipped model without events, its golden words."""
    if not _has_events(workspace):
        return workspace.model().golden.inputs, "golden words"
    return np.concatenate([workspace.events(process).features() for process in workspace.event_files()]), "events"


def _latency(emulators: Sequence[Emulator]) -> dict[str, Any] | None:
    """Latency and initiation interval, measured in the RTL simulation if it took part."""
    for emulator in emulators:
        if isinstance(emulator, RtlSimulation):
            return emulator.measure_latency().to_dict()
    return None

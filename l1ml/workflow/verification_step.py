"""Step 4: all implementations of a model must agree in every word; latency is measured in the RTL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.cpp import cpp_project
from l1ml.conversion.estimate import alkaid_estimate
from l1ml.conversion.hls_backends import HLS_BACKENDS
from l1ml.data import iterate_events
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.comparison import compare
from l1ml.emulation.cpp_emulator import CppEmulator
from l1ml.emulation.directed import directed_words
from l1ml.emulation.emulator import Emulator
from l1ml.emulation.integers import IntegerEmulator
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.localisation import first_difference
from l1ml.emulation.portable import PortableNetwork
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.verification import Verification, VerificationConfig, verify
from l1ml.errors import BitMismatchError, ConfigError, nearest
from l1ml.model import TriggerModel
from l1ml.progress import Progress
from l1ml.storage import write_json
from l1ml.workflow.sign_off import sealed, subject_of
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import Workspace

__all__ = ["EMULATORS", "FULL_SIZE", "check_names", "verification_step"]

EMULATORS: dict[str, Callable[[Workspace], Emulator]] = {
    "keras": lambda workspace: KerasEmulator(workspace.model()),
    "integers": lambda workspace: IntegerEmulator(workspace.model().network),
    "c_simulation": lambda workspace: CSimulation(workspace.project(HLS_BACKENDS)),
    "portable": lambda workspace: _portable(workspace).emulator,
    "cpp": lambda workspace: CppEmulator(cpp_project(workspace.model()).write(workspace.exports)),
    "rtl_simulation": lambda workspace: RtlSimulation(workspace.project(RTL_LANGUAGES)),
}
"""Every implementation of a model, and how it is made."""

FULL_SIZE = 10_000_000
"""Random crossings of a sign-off; `l1ml run` makes do with those of the recipe."""

_MISMATCH = "mismatch.json"


def _portable(workspace: Workspace) -> PortableNetwork:
    """The network as a file gives it back."""
    path = workspace.exports / f"{workspace.model().name}.h5"
    PortableNetwork.of_model(workspace.model()).save(path)
    return PortableNetwork.load(path)


def check_names(names: Sequence[str]) -> None:
    """Refuse a name of no emulator.

    Raises
    ------
    ConfigError
        Naming the nearest one.
    """
    for name in names:
        if name not in EMULATORS:
            msg = f"there is no emulator {name!r}; {nearest(name, EMULATORS)}"
            raise ConfigError(msg)


def verification_step(names: Sequence[str] = tuple(EMULATORS), config: VerificationConfig | None = None) -> Step:
    """The step that compares the emulators called `names`, on as many crossings as `config` says, else the recipe.

    An earlier result of at least this size is taken. When words differ, it is withdrawn: ``mismatch.json`` takes its place, with
    the input words of the first crossing, what each emulator gives for it, and the first operation that differs.

    Raises
    ------
    ConfigError
        If a name is unknown.
    """
    check_names(names)

    def inputs(workspace: Workspace) -> Any:
        return {"subject": subject_of(workspace, names), "seed": _config(workspace, config).seed}

    def work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
        size, model = _config(workspace, config), workspace.model()
        subject = subject_of(workspace, names)
        emulators = _build(workspace, names, progress)
        _check_golden(model)
        latency = _latency(workspace, emulators)
        directed = directed_words(model.network, np.random.default_rng(size.seed))
        verification = verify(emulators, _physics(workspace, model), size, directed=directed, progress=progress)
        _require_exact(verification, workspace, model)
        return sealed(
            {
                **verification.to_dict(),
                "physics_from": "golden words and events" if workspace.has_events else "golden words",
                "model_digest": model.digest,
                "latency": latency,
                "config": asdict(size),
                "subject": subject,
            }
        )

    def is_large_enough(workspace: Workspace, content: Mapping[str, Any]) -> bool:
        asked = asdict(_config(workspace, config))
        return all(content["config"][name] >= asked[name] for name in ("n_random", "budget_s"))

    return Step("verification", "verify", inputs, work, is_large_enough)


def _config(workspace: Workspace, config: VerificationConfig | None) -> VerificationConfig:
    return workspace.recipe.verification if config is None else config


def _build(workspace: Workspace, names: Sequence[str], progress: Progress) -> list[Emulator]:
    progress.start("building simulations", len(names))
    emulators = []
    for name in names:
        emulators.append(EMULATORS[name](workspace))
        progress.advance()
    progress.finish()
    return emulators


def _physics(workspace: Workspace, model: TriggerModel) -> Iterator[NDArray[np.int32]]:
    """Golden words of the model, then words of all generated crossings, a few at a time."""
    yield model.golden.inputs
    if workspace.has_events:
        for path in workspace.event_files().values():
            for events in iterate_events(path, schema=workspace.recipe.training.schema):
                yield events.features()


def _check_golden(model: TriggerModel) -> None:
    """The scores stored with the model are those of its network."""
    scores = IntegerEmulator(model.network).predict(model.golden.inputs)
    compare(("golden.h5", model.output_format, model.golden.scores), ("integers", model.output_format, scores)).require_exact()


def _latency(workspace: Workspace, emulators: Sequence[Emulator]) -> dict[str, Any] | None:
    """Latency and initiation interval, measured in the RTL simulation if it took part: those of the project's report.

    Raises
    ------
    BitMismatchError
        If the report says otherwise.
    """
    for emulator in emulators:
        if isinstance(emulator, RtlSimulation):
            timing, report = emulator.measure_latency(), alkaid_estimate(workspace.project(RTL_LANGUAGES))
            measured, said = (timing.latency_cycles, timing.interval_cycles), (report.latency_cycles, report.interval_cycles)
            if measured != said or not timing.agrees:
                msg = f"the RTL has (latency, interval) = {measured} cycles, the report of its project says {said}: convert again"
                raise BitMismatchError(msg)
            return timing.to_dict()
    return None


def _require_exact(verification: Verification, workspace: Workspace, model: TriggerModel) -> None:
    """Accept nothing but equality; else leave what is needed to find the fault, and no sign-off."""
    try:
        verification.require_exact()
    except BitMismatchError as error:
        first = verification.first
        where = _where(verification, model)
        report = {
            **verification.to_dict(),
            "model_digest": model.digest,
            "where": where,
            "first": asdict(first) if first else None,
        }
        write_json(workspace.run / _MISMATCH, report)
        (workspace.run / "verification.json").unlink(missing_ok=True)
        msg = f"{error}; {where}; all of it in {workspace.run / _MISMATCH}"
        raise BitMismatchError(msg) from error
    (workspace.run / _MISMATCH).unlink(missing_ok=True)


def _where(verification: Verification, model: TriggerModel) -> str:
    """What is known about the place of the fault."""
    wrong = {frozenset((pair.a, pair.b)) for pair in verification.pairs if not pair}
    if frozenset(("keras", "integers")) in wrong and verification.first is not None:
        return first_difference(model, np.array(verification.first.inputs, np.int32))
    between = " and ".join(sorted(" = ".join(sorted(pair)) for pair in wrong))
    return f"the words of {between} differ in the score; operations inside compiled projects are not seen"

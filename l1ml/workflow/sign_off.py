"""The sign-off of a verification: which files it was of, and whether they are still those.

``verification.json`` names the digest of everything that was compared (its *subject*) and carries a SHA-256 of its own content.
That digest shows an edit or a damage; it is no cryptographic signature: whoever can write the file can also write a new digest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.cpp import cpp_project
from l1ml.conversion.hls_backends import HLS_BACKENDS
from l1ml.conversion.project import read_manifest, written_digest
from l1ml.data import EventFile
from l1ml.emulation.portable import PortableNetwork
from l1ml.errors import DataError
from l1ml.model import TriggerModel
from l1ml.storage import digest_of
from l1ml.workflow.versions import tool_versions
from l1ml.workflow.workspace import Workspace

__all__ = ["objections", "sealed", "subject_of"]

_SEAL = "content_digest"
_ADDED_LATER = {_SEAL, "key", "wall_s", "peak_memory_mb"}
"""Entries of the file that the seal does not cover: a step adds them after its work."""

_EXPORTS: Mapping[str, Callable[[TriggerModel], str]] = {
    "portable": lambda model: digest_of(PortableNetwork.of_model(model).to_bytes()),
    "cpp": lambda model: cpp_project(model).digest,
}
"""Digests of what is made of a model alone, without a conversion."""

_BACKENDS_OF: Mapping[str, Collection[str]] = {"c_simulation": HLS_BACKENDS, "rtl_simulation": RTL_LANGUAGES}


def subject_of(workspace: Workspace, names: Sequence[str]) -> dict[str, Any]:
    """Digests of everything that the emulators `names` run and are run on, read from the files as they are now.

    Raises
    ------
    DataError
        If a project is not of the present model, or its files are not those that were generated.
    """
    model = workspace.model()
    return {
        "emulators": list(names),
        "model": model.digest,
        "network": model.network.digest,
        "weights": digest_of(model.weights),
        "golden": _golden_digest(model),
        "projects": _projects(workspace, names, model),
        "exports": {name: digest(model) for name, digest in _EXPORTS.items() if name in names},
        "events": _events(workspace),
        "versions": tool_versions(),
    }


def _golden_digest(model: TriggerModel) -> str:
    words = (model.golden.inputs, model.golden.scores)
    return digest_of([[list(item.shape), digest_of(item.astype("<i8").tobytes())] for item in words])


def _projects(workspace: Workspace, names: Sequence[str], model: TriggerModel) -> dict[str, str]:
    """Digest of each project that takes part, computed from its files."""
    wanted = [_BACKENDS_OF[name] for name in names if name in _BACKENDS_OF]
    if not wanted:
        return {}
    content = workspace.result("conversion", "convert")
    if content["model_digest"] != model.digest:
        msg = f"the projects are of model {content['model_digest'][:8]}, the present one is {model.digest[:8]}; "
        raise DataError(msg + f"convert it with: l1ml convert {workspace.folder}")
    entries = {backend: item for backends in wanted for backend, item in workspace.projects_of(backends).items()}
    return {backend: _project_digest(workspace.project([backend]), item) for backend, item in entries.items()}


def _project_digest(folder: Path, entry: Mapping[str, Any]) -> str:
    """Digest of the files in `folder`, which must be those that the conversion wrote, manifest included."""
    found = written_digest(folder)
    if found != entry["digest"] or read_manifest(folder) != entry["manifest"]:
        what = f"has digest {found[:8]}" if found != entry["digest"] else "has another manifest"
        msg = f"{folder} {what}, the conversion wrote {entry['digest'][:8]}: a file was changed; delete it and convert again"
        raise DataError(msg)
    return found


def _events(workspace: Workspace) -> dict[str, str]:
    """Digest of the rows of each event file, by process; none for a model without events."""
    if not workspace.has_events:
        return {}
    return {process: _rows_digest(path) for process, path in workspace.event_files().items()}


def _rows_digest(path: Path) -> str:
    with EventFile(path) as file:
        return file.digest or digest_of(path.read_bytes())


def sealed(content: dict[str, Any]) -> dict[str, Any]:
    """`content` with its own digest."""
    return {**content, _SEAL: _seal(content)}


def _seal(content: Mapping[str, Any]) -> str:
    return digest_of({name: value for name, value in content.items() if name not in _ADDED_LATER})


def objections(content: Mapping[str, Any], subject: Mapping[str, Any], n_random: int) -> list[str]:
    """Why `content` of verification.json is no sign-off of `subject` with `n_random` random crossings; empty if it is."""
    if content.get(_SEAL) != _seal(content) or "subject" not in content:
        return ["it has no digest of its own, or was changed after it was written"]
    found = [_difference(name, content["subject"].get(name), value) for name, value in subject.items()]
    reasons = [text for text in found if text]
    if content["config"]["n_random"] < n_random:
        reasons.append(f"it compared {content['config']['n_random']:,} random crossings, {n_random:,} are asked for")
    different = sum(pair["n_mismatched"] for pair in content["pairs"])
    return reasons + ([f"{different} words differ"] if different or not content["pairs"] else [])


def _difference(name: str, signed: Any, present: Any) -> str:
    """What has changed in the entry `name` of the subject."""
    if signed == present:
        return ""
    if isinstance(signed, Mapping) and isinstance(present, Mapping):
        changed = [key for key in sorted({*signed, *present}) if signed.get(key) != present.get(key)]
        return "; ".join(f"{name} {key}: signed {_short(signed.get(key))}, now {_short(present.get(key))}" for key in changed)
    return f"{name}: signed {_short(signed)}, now {_short(present)}"


def _short(value: Any) -> str:
    if value is None:
        return "none"
    return value[:12] if isinstance(value, str) else ", ".join(map(str, value))

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import projects
import pytest

from l1ml.conversion import FirmwareProject, read_manifest
from l1ml.conversion.project import project_files, top_name
from l1ml.errors import ConversionError, DataError, StorageError


def make(files: dict[str, bytes], **description: object) -> FirmwareProject:
    return FirmwareProject("axo", "vitis", {PurePosixPath(path): content for path, content in files.items()}, description)


def test_the_digest_is_that_of_paths_and_contents() -> None:
    first = make({"a/b.v": b"1", "c.v": b"2"})
    assert first.digest == make({"c.v": b"2", "a/b.v": b"1"}, clock_mhz=240.0).digest
    assert first.digest != make({"a/b.v": b"2", "c.v": b"1"}).digest
    assert first.digest != make({"a/b.v": b"1", "d.v": b"2"}).digest
    assert first.folder_name == f"axo-vitis-{first.digest[:8]}"


@pytest.mark.parametrize("path", ["/etc/passwd", "../up.v", "a/../../up.v", "manifest.json", "build/x.so", "."])
def test_paths_that_leave_the_project_or_belong_to_l1ml_are_refused(path: str) -> None:
    with pytest.raises(ConversionError, match="cannot hold"):
        make({path: b""})


@pytest.mark.parametrize("name", ["", "../up", "/etc", "a/b"])
def test_a_name_that_is_none_of_a_folder_is_refused(name: str) -> None:
    with pytest.raises(ConversionError, match="cannot be named"):
        FirmwareProject(name, "cpp", {}, {})


def test_writing_is_atomic_and_repeatable(tmp_path: Path) -> None:
    made = make({"src/top.v": b"module top; endmodule\n", "build_lib.sh": b"#!/bin/sh\n"}, part="x")
    folder = made.write(tmp_path)
    assert (folder / "src/top.v").read_bytes() == b"module top; endmodule\n"
    assert os.access(folder / "build_lib.sh", os.X_OK)
    assert read_manifest(folder, "vitis") == made.manifest
    (folder / "build").mkdir()
    (folder / "build/kept").touch()
    assert made.write(tmp_path) == folder
    assert (folder / "build/kept").exists()
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


@pytest.mark.parametrize("damage", ["truncated", "extra", "missing"])
def test_a_folder_with_other_content_is_written_again(tmp_path: Path, damage: str) -> None:
    made = make({"a.v": b"12", "b.v": b"3"})
    folder = made.write(tmp_path)
    match damage:
        case "truncated":
            (folder / "a.v").write_bytes(b"1")
        case "extra":
            (folder / "c.v").write_bytes(b"")
        case "missing":
            (folder / "b.v").unlink()
    assert sorted(path.name for path in made.write(tmp_path).iterdir()) == ["a.v", "b.v", "manifest.json"]
    assert (folder / "a.v").read_bytes() == b"12"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _content: bytes) -> int:
        with Path("/dev/full").open("wb") as disk:
            return disk.write(b"x" * 100_000)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="no space left"):
        make({"a.v": b"1"}).write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_manifest_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="l1ml convert"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(DataError, match="no l1ml-project of version 2"):
        read_manifest(tmp_path)


def test_a_project_of_the_other_back_end_is_refused() -> None:
    with pytest.raises(DataError, match="is a verilog project, a vitis project is needed"):
        read_manifest(projects.written("verilog"), "vitis")


def test_top_names_are_identifiers_and_no_keywords() -> None:
    names = [top_name(name) for name in ("axo", "small", "4b", "a-b.c", "_x")]
    assert names == ["axo_top", "small_top", "m_4b_top", "a_b_c_top", "m__x_top"]


@pytest.mark.parametrize("backend", ["vitis", "verilog"])
def test_the_manifest_says_what_the_project_is(backend: str) -> None:
    manifest = json.loads((projects.written(backend) / "manifest.json").read_text())
    model = projects.small_model()
    assert manifest["model"]["digest"] == model.digest
    assert (manifest["part"], manifest["clock_mhz"], manifest["clock_ns"]) == ("xcvu13p-flga2577-2-e", 240.0, 4.166)
    words = manifest["input"]["words"]
    assert [word["feature"] for word in words] == list(model.features)
    assert [word["format"] for word in words] == [str(item) for item in model.input_formats]
    assert words[-1]["offset"] + words[-1]["width"] == manifest["input"]["bits"]
    assert manifest["output"]["format"] == str(model.output_format)
    assert set(manifest["tools"]) == {"keras", "qkeras-v3", {"vitis": "hls4ml", "verilog": "alkaid"}[backend]}


_CONVERT = """
import sys
from pathlib import Path
from l1ml.conversion import ConversionConfig, hls_project, rtl_project
from l1ml.model import TriggerModel
model = TriggerModel.load(Path(sys.argv[1]))
own = {"oneapi": {"part": "Agilex7", "strategy": "resource"}, "libero": {"part": "MPF300"}}
configs = [ConversionConfig(hls_backend=name, **own.get(name, {})) for name in ("vitis", "catapult", "oneapi", "libero")]
projects = [hls_project(model, config) for config in configs]
projects += [rtl_project(model, ConversionConfig(rtl_language=language)) for language in ("verilog", "vhdl")]
for project in projects:
    print(project.write(Path(sys.argv[2])))
"""


def test_other_processes_write_the_same_bytes(tmp_path: Path) -> None:
    """In other folders, with other seeds of Python's hashes."""
    projects.small_model().save(tmp_path / "model")
    folders = []
    for seed in ("7", "8"):
        root = tmp_path / seed
        root.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2]), "TMPDIR": str(root)}
        command = [sys.executable, "-c", _CONVERT, str(tmp_path / "model"), str(root / "out")]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        folders.append([Path(line) for line in done.stdout.split()])
    for first, second in zip(*folders, strict=True):
        assert first.name == second.name
        assert project_files(first) == project_files(second)
        assert (first / "manifest.json").read_bytes() == (second / "manifest.json").read_bytes()
    for folder, backend in ((folders[0][0], "vitis"), (folders[0][4], "verilog")):
        made = projects.project(backend)
        assert folder.name == made.folder_name
        assert project_files(folder) == made.files
        assert json.loads((folder / "manifest.json").read_text()) == made.manifest


@pytest.mark.parametrize("backend", ["vitis", "verilog"])
def test_no_file_names_the_machine(backend: str) -> None:
    for path, content in projects.project(backend).files.items():
        assert b"/tmp/" not in content, path
        assert str(Path.home()).encode() not in content or str(Path.home()) == "/", path


def test_another_project_or_other_files_in_the_place_are_left_alone(tmp_path: Path) -> None:
    made = make({"a.v": b"1"})
    folder = tmp_path / made.folder_name
    other = FirmwareProject("tagger", "vitis", {PurePosixPath("b.v"): b"2"}, {}).write(tmp_path)
    other.rename(folder)
    with pytest.raises(StorageError, match=r"holds the vitis project [0-9a-f]{8} of model 'tagger'; nothing was changed"):
        made.write(tmp_path)
    assert (folder / "b.v").read_bytes() == b"2"
    (folder / "manifest.json").unlink()
    with pytest.raises(StorageError, match=r"holds files and no manifest.json of l1ml; .*--projects"):
        made.write(tmp_path)
    assert (folder / "b.v").read_bytes() == b"2"
    (folder / "b.v").unlink()
    assert (made.write(tmp_path) / "a.v").read_bytes() == b"1"


def test_a_file_where_the_projects_should_go(tmp_path: Path) -> None:
    (tmp_path / "projects").write_text("notes")
    with pytest.raises(StorageError, match=r"cannot be written: .*projects is a file"):
        make({"a.v": b"1"}).write(tmp_path / "projects")
    assert (tmp_path / "projects").read_text() == "notes"


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path, *_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StorageError, match=r"cannot be written \(Permission denied\); nothing was changed"):
        make({"a.v": b"1"}).write(tmp_path / "projects")

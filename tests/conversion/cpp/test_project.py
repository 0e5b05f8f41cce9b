from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import cpp_toy
import numpy as np
import pytest

from l1ml.conversion.cpp import cpp_project
from l1ml.conversion.project import read_manifest
from l1ml.errors import ConversionError, DataError
from l1ml.hardware import FixedPoint
from l1ml.model import GoldenWords, Network, TriggerModel
from l1ml.model.operations import Absolute

AXO = Path(__file__).parents[3] / "models" / "axo"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cpp_project(cpp_toy.model(cpp_toy.small_network(), "a b-1")).write(tmp_path_factory.mktemp("cpp"))


def make(folder: Path, target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = ["make", target, *(f"{name}={value}" for name, value in variables.items())]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("target", "options"), [("test", "-O0"), ("test", "-O2"), ("sanitize", "-O1")])
def test_its_own_test_passes_without_a_warning(folder: Path, target: str, options: str) -> None:
    (folder / "build" / "test").unlink(missing_ok=True)
    done = make(folder, target, CXXFLAGS=f"{options} -Wconversion -Wshadow -Werror")
    assert done.returncode == 0, done.stderr
    assert "70 golden crossings: every score word is the same" in done.stdout
    assert "warning" not in done.stderr


def test_its_own_test_fails_for_another_golden_word(folder: Path, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(folder, tmp_path / "changed"))
    (golden,) = changed.glob("*_golden.h")
    head, scores = golden.read_text().split("golden_scores[] = {")
    first, rest = scores.split(",", 1)
    golden.write_text(f"{head}golden_scores[] = {{ {int(first) + 1},{rest}")
    done = make(changed, "test", CXXFLAGS="-O0")
    assert done.returncode != 0
    assert "FAILED: the header gives the golden scores" in done.stderr
    assert "FAILED: every thread gets the golden scores" in done.stderr


def test_the_same_model_gives_the_same_bytes_and_another_one_other_names() -> None:
    model = TriggerModel.load(AXO)
    first, second = cpp_project(model), cpp_project(TriggerModel.load(AXO))
    assert dict(first.files) == dict(second.files)
    assert PurePosixPath(f"axo_{model.digest[:8]}.h") in first.files
    assert first.folder_name == f"axo-cpp-{first.digest[:8]}"
    spaces = {cpp_project(cpp_toy.model(cpp_toy.small_network(seed), "axo")).description["namespace"] for seed in range(4)}
    assert len(spaces) == 4


def test_a_name_stays_a_name_whatever_is_in_it(tmp_path: Path) -> None:
    name = 'a"; \n#error "é\\'
    folder = cpp_project(cpp_toy.model(cpp_toy.small_network(), name)).write(tmp_path)
    done = make(folder, "test", CXXFLAGS="-O0 -Werror")
    assert done.returncode == 0, done.stderr


def test_the_manifest_says_what_a_reader_needs(folder: Path) -> None:
    manifest = read_manifest(folder, "cpp")
    assert manifest["namespace"].startswith("l1ml_a_b_1_")
    assert manifest["input"]["words"][1] == {"feature": "f1", "format": "ap_fixed<6,6,AP_TRN,AP_WRAP>"}
    assert manifest["output"]["n_words"] == 1
    assert (folder / manifest["source"]).is_file()
    with pytest.raises(DataError, match="l1ml export cpp"):
        read_manifest(folder.parent, "cpp")


def test_the_header_needs_the_standard_library_alone_and_keeps_nothing(folder: Path) -> None:
    (header,) = folder.glob("a_b_1_????????.h")
    text = header.read_text()
    assert [line for line in text.splitlines() if line.startswith("#include")] == ["#include <cstdint>"]
    code = "\n".join(line.split("//")[0] for line in text.splitlines())
    assert not any(word in code for word in ("static ", "thread_local", "new ", "throw", "float", "double"))


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not there")
def test_the_interface_is_c(folder: Path) -> None:
    command = ["gcc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "l1ml_network.h"]
    subprocess.run(command, cwd=folder, check=True)


def test_several_networks_in_one_program(tmp_path: Path) -> None:
    folders = [cpp_project(cpp_toy.model(cpp_toy.small_network(seed))).write(tmp_path) for seed in range(3)]
    spaces = [json.loads((folder / "manifest.json").read_text())["namespace"] for folder in folders]
    lines = ["#include <cstring>", '#include "l1ml_network.h"']
    lines += [f'extern "C" const l1ml_network_table_v1 *{space}_table(void);' for space in spaces]
    tables = ", ".join(f"{space}_table()->digest" for space in spaces)
    lines += [
        "int main() {",
        f"    const char *digests[] = {{{tables}}};",
        "    return std::strcmp(digests[0], digests[1]) != 0 && std::strcmp(digests[1], digests[2]) != 0 ? 0 : 1;",
        "}",
    ]
    (tmp_path / "main.cpp").write_text("\n".join(lines) + "\n")
    sources = [str(path) for folder in folders for path in folder.glob("toy_????????.cpp")]
    command = ["g++", "-std=c++17", "-DL1ML_NO_ENTRY", f"-I{folders[0]}", *sources, "main.cpp", "-o", "main"]
    subprocess.run(command, cwd=tmp_path, check=True)
    subprocess.run([str(tmp_path / "main")], check=True)


def test_inputs_wider_than_the_interface_are_refused() -> None:
    model = cpp_toy.model(cpp_toy.small_network())
    wide = Network([FixedPoint(4, 4), FixedPoint(32, 32, False)], [Absolute()])
    with pytest.raises(ConversionError, match=r"input 'f1' has the format ap_ufixed<32,32.*int32"):
        cpp_project(TriggerModel("toy", model.schema_digest, model.features[:2], wide, model.score, b"", model.golden))


def test_a_whole_word_of_32_bits_is_carried(tmp_path: Path) -> None:
    folder = cpp_project(cpp_toy.model(Network([FixedPoint(32, 32)], [Absolute()]))).write(tmp_path)
    assert make(folder, "test", CXXFLAGS="-O0").returncode == 0


def test_a_model_without_golden_words_is_refused() -> None:
    model = cpp_toy.model(cpp_toy.small_network())
    empty = GoldenWords(np.zeros((0, 4), np.int32), np.zeros(0, np.int64))
    bare = TriggerModel(model.name, model.schema_digest, model.features, model.network, model.score, b"", empty)
    with pytest.raises(ConversionError, match="has no golden words"):
        cpp_project(bare)

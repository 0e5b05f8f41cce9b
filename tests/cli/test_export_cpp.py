from __future__ import annotations

import json
from pathlib import Path

import pytest

from l1ml.cli.main import main
from l1ml.emulation.cpp_emulator import CppEmulator
from l1ml.model import TriggerModel

AXO = Path(__file__).parents[2] / "models" / "axo"


def test_export_cpp_writes_what_an_emulator_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "cpp", str(AXO), "--projects", str(tmp_path), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    model = TriggerModel.load(AXO)
    assert content["model"]["digest"] == model.digest
    assert CppEmulator(Path(content["folder"]), options=("-O0",)).n_outputs == 1
    assert main(["export", "cpp", str(AXO), "--projects", str(tmp_path)]) == 0
    told = capsys.readouterr()
    assert f"l1ml_axo_{model.digest[:8]}" in told.out
    assert "make -C" in told.err
    assert len(list(tmp_path.iterdir())) == 1


def test_the_file_of_a_network_gives_the_same_header(tmp_path: Path) -> None:
    out = tmp_path / "axo.h5"
    assert main(["export", "network", str(AXO), str(out)]) == 0
    for name, given in (("folder", AXO), ("file", out)):
        assert main(["export", "cpp", str(given), "--projects", str(tmp_path / name)]) == 0
    texts = [path.read_bytes() for name in ("folder", "file") for path in (tmp_path / name).glob("axo-cpp-*/axo_????????.h")]
    assert len(texts) == 2
    assert texts[0] == texts[1]


def test_a_folder_without_a_model_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "cpp", str(tmp_path), "--projects", str(tmp_path)]) == 1
    assert "DataError" in capsys.readouterr().err

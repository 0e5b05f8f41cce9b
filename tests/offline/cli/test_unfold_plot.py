from __future__ import annotations

import json
from pathlib import Path

import pytest

from offline.cli.main import main

TOY = """
[toy]
simulated = 2000
measured = 2000
gaussian = { smear = 0.5 }
[method]
name = "ibu"
[uncertainties]
data = 4
mc = 0
ensemble = 0
"""


@pytest.fixture
def made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    (tmp_path / "a.toml").write_text(TOY)
    assert main(["unfold", "run", str(tmp_path / "a.toml")]) == 0
    capsys.readouterr()
    return tmp_path


def test_figures_of_a_file_alone_and_with_its_configuration(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["unfold", "plot", str(made / "a.h5")]) == 0
    assert sorted(path.stem for path in (made / "a-figures").iterdir()) == ["correlation_z", "errors_z", "weights"]
    capsys.readouterr()
    assert main(["unfold", "plot", str(made / "a.h5"), "--configuration", str(made / "a.toml"), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    stems = {Path(path).stem for path in content["figures"]}
    assert {"gen_z", "reco_x", "convergence", "closure", "fold_back"} <= stems
    assert content["diagnosis"]["method"] == "ibu"
    assert all(Path(path).read_bytes().startswith(b"\x89PNG") for path in content["figures"])


def test_a_result_of_something_else(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (made / "b.toml").write_text(TOY.replace("smear = 0.5", "smear = 0.6"))
    assert main(["unfold", "plot", str(made / "a.h5"), "--configuration", str(made / "b.toml")]) == 1
    assert "was not made of what" in capsys.readouterr().err
    assert main(["unfold", "plot", str(made / "a.toml")]) == 1
    assert "is not a readable file of an unfolded distribution" in capsys.readouterr().err

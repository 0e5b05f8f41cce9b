from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import h5py
import pytest
from toy import toy_events

from l1ml.__main__ import command
from l1ml.cli.main import main
from l1ml.data import LEVEL1_SCHEMA, EventWriter

AXO = Path(__file__).parents[2] / "models" / "axo"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model folder, without anything that a run left."""
    target = tmp_path / "axo"
    target.mkdir()
    for path in AXO.iterdir():
        if path.is_file():
            shutil.copy(path, target / path.name)
    return target


def fail(capsys: pytest.CaptureFixture[str], *argv: object) -> str:
    """Run a verb that must fail; its one line on stderr."""
    assert main([str(item) for item in argv]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = [line for line in captured.err.splitlines() if line.startswith("l1ml: ")]
    assert len(lines) == 1
    assert "Traceback" not in captured.err
    return lines[0]


def test_python_m_l1ml_and_its_help() -> None:
    done = subprocess.run([sys.executable, "-m", "l1ml", "--help"], capture_output=True, text=True, check=True)
    for verb in ("run", "data", "train", "convert", "verify", "synth", "menu", "report"):
        assert verb in done.stdout


def test_wrong_usage_is_two() -> None:
    with pytest.raises(SystemExit) as caught:
        main(["fly", "models/axo"])
    assert caught.value.code == 2


def test_data_info_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path, rng: object) -> None:
    with EventWriter(tmp_path / "a.h5", LEVEL1_SCHEMA, process="toy", provenance={"seed": 1}) as writer:
        writer.append(toy_events(20, rng))  # type: ignore[arg-type]
    assert main(["data", "info", str(tmp_path / "a.h5"), "--json"]) == 0
    info = json.loads(capsys.readouterr().out)
    assert (info["process"], info["n_events"], info["provenance"]) == ("toy", 20, {"seed": 1})
    assert main(["data", "info", str(tmp_path / "a.h5")]) == 0
    assert "toy" in capsys.readouterr().out


def test_no_such_model(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "model.toml does not exist; give the folder of a model" in fail(capsys, "run", tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("clock_mhz", "clock_mgz", "has no key 'clock_mgz'; did you mean 'clock_mhz'?"),
        ("[training]", "[trainin]", "has no key 'trainin'; did you mean 'training'?"),
        ("clock_mhz = 240.0", "clock_mhz = -1", "clock_mhz must be positive"),
        ("seed = 1", 'seed = "one"', "must be int, received 'one'"),
    ],
)
def test_mistakes_in_model_toml(capsys: pytest.CaptureFixture[str], folder: Path, old: str, new: str, message: str) -> None:
    path = folder / "model.toml"
    path.write_text(path.read_text().replace(old, new, 1))
    assert message in fail(capsys, "run", folder)
    assert not (folder / "run").exists()


@pytest.mark.parametrize("verb", [("train",), ("menu", "rates")])
def test_a_verb_without_its_input_names_the_verb_that_makes_it(
    capsys: pytest.CaptureFixture[str], folder: Path, verb: tuple[str, ...]
) -> None:
    assert f"make it with: l1ml data generate {folder}" in fail(capsys, *verb, folder)


def test_verify_without_projects_names_convert(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert f"make it with: l1ml convert {folder}" in fail(capsys, "verify", folder)
    assert "did you mean 'integers'" in fail(capsys, "verify", folder, "--with", "integer,keras")
    assert "at least two emulators" in fail(capsys, "verify", folder, "--with", "integers")


def test_the_shipped_model_is_verified_without_projects_or_events(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    pytest.importorskip("qkeras")
    options = [str(folder), "--with", "keras,integers", "--crossings", "20000", "--json"]
    assert main(["verify", *options]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["physics_from"] == "golden words"
    assert [(pair["n_mismatched"], pair["n_random"]) for pair in content["pairs"]] == [(0, 20_000)]
    assert main(["verify", *options, "--check"]) == 0
    assert json.loads(capsys.readouterr().out)["signed_off"]
    assert main(["verify", str(folder), "--with", "keras,integers", "--check"]) == 1
    assert "no sign-off: it compared 20,000 random crossings, 10,000,000 are asked for" in capsys.readouterr().err


def test_faults_that_the_comparison_of_the_shipped_model_finds(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert main(["verify", str(folder), "--mutate", "2", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["found"] == 1.0
    assert content["kinds"]["rounding mode"] == {"caught": 2, "refused": 0, "equivalent": 0, "missed": 0}
    assert main(["verify", str(folder), "--mutate", "1"]) == 0
    assert "faults in the network: 100.0% found" in capsys.readouterr().out
    assert "at least one fault of each kind is needed" in fail(capsys, "verify", folder, "--mutate", "0")
    assert "n_random must be at least 1, received 0" in fail(capsys, "verify", folder, "--crossings", "0")


def test_damaged_golden_words(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    with h5py.File(folder / "golden.h5", "a") as file:
        del file["network"]
    assert "truncated or damaged" in fail(capsys, "verify", folder, "--with", "keras,integers")


def test_report_without_steps_names_the_first_missing_one(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert "l1ml" in fail(capsys, "report", folder)


def test_debug_shows_the_traceback(folder: Path) -> None:
    (folder / "model.toml").write_text("x = 1\n")
    with pytest.raises(ValueError, match="has no key 'x'"):
        main(["run", str(folder), "--debug"])


def test_ctrl_c_while_the_command_is_imported_is_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "l1ml.cli.main", Interrupted("l1ml.cli.main"))
    assert command() == 130
    assert capsys.readouterr() == ("", "")


def test_a_verb_does_not_wait_for_what_others_import() -> None:
    code = "import sys; from l1ml.cli.main import main; main(['emulate', '--on', 'none.h5'])"
    code += "; print(*{'rich', 'l1ml.conversion', 'l1ml.cli.scan'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""
    assert ended.stderr.startswith("l1ml: ConfigError: say where the decision file goes")

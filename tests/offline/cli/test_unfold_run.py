from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from pairs_toy import toy_pairs, write_pairs

from offline.cli.main import main
from offline.unfolding.unfolded_file import read_unfolded

CONFIGURATION = """
seed = 3
[toy]
simulated = 3000
measured = 3000
gaussian = { smear = 0.5, misses = 0.2, fakes = 0.1 }
[method]
name = "ibu"
[uncertainties]
data = 6
mc = 4
ensemble = 0
[systematics."resolution.up"]
gaussian = { smear = 0.55 }
"""


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    path = tmp_path / "unfold.toml"
    path.write_text(CONFIGURATION)
    return path


def run(path: Path, *options: str) -> int:
    return main(["unfold", "run", str(path), *options])


def start(path: Path) -> subprocess.Popen[str]:
    """The command, which Ctrl-C reaches even where these tests run in the background of a shell that keeps it from its jobs."""
    heard = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{heard}; from offline.cli.main import main; sys.exit(main())", "unfold", "run", str(path)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


def wait_for_steps(process: subprocess.Popen[str], path: Path, n: int) -> None:
    """Wait until `n` steps are finished, while the process lives."""
    while len(list(path.parent.glob(f"{path.stem}.h5-parts/*/*.step"))) < n:
        assert process.poll() is None
        time.sleep(0.002)


def test_a_configuration_becomes_a_file(configuration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(configuration, "--json") == 0
    captured = capsys.readouterr()
    shown = json.loads(captured.out)
    entries = {entry["name"]: entry for entry in shown["entries"]}
    assert abs(entries["mean of z"]["after"] - entries["mean of z"]["truth"]) < 5 * entries["mean of z"]["error"]
    assert "replicas: 11 of 11" in captured.err
    unfolded = read_unfolded(configuration.with_suffix(".h5"))
    assert [replica.kind for replica in unfolded.replicas] == ["data"] * 6 + ["mc"] * 4 + ["systematic:resolution"]
    assert unfolded.record["seed"] == 3
    assert unfolded.record["configuration"]["method"] == {"name": "ibu"}
    assert sorted(path.name for path in configuration.parent.iterdir()) == ["unfold.h5", "unfold.toml"]
    assert run(configuration) == 0
    assert "mean of z" in capsys.readouterr().out


def test_without_errors_it_says_so(configuration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configuration.write_text(CONFIGURATION.partition("[uncertainties]")[0])
    assert run(configuration, "--output", str(configuration.parent / "new" / "a.h5")) == 0
    assert "no errors were asked for" in capsys.readouterr().err
    assert (configuration.parent / "new" / "a.h5").is_file()


def test_event_files_that_do_not_overlap(configuration: Path, capsys: pytest.CaptureFixture[str], rng: object) -> None:
    write_pairs(configuration.parent / "mc.h5", toy_pairs(200, rng))  # type: ignore[arg-type]
    write_pairs(configuration.parent / "data.h5", toy_pairs(200, rng, 100.0))  # type: ignore[arg-type]
    text = '[simulation]\nfiles = ["mc.h5"]\n[data]\nfiles = ["data.h5"]\n[method]\nname = "ibu"\n[quantities]\ngen = ["pt"]\n'
    configuration.write_text(text)
    assert run(configuration) == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("l1ml-offline: ")]
    assert len(lines) == 1
    assert "no overlap in 'pt'" in lines[0]


def check_killed_runs(path: Path, steps: tuple[int, ...]) -> None:
    """Kill the run as soon as so many steps are there, each time going on; the result must be that of a run left alone."""
    assert run(path) == 0
    result = path.with_suffix(".h5")
    expected = result.read_bytes()
    result.unlink()
    for n in steps:
        process = start(path)
        wait_for_steps(process, path, n)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not result.exists()
    assert run(path) == 0
    assert result.read_bytes() == expected
    assert sorted(left.name for left in path.parent.iterdir()) == [result.name, path.name]


def test_a_killed_run_goes_on_to_the_same_bytes(configuration: Path) -> None:
    configuration.write_text(CONFIGURATION.replace("data = 6", "data = 60"))
    check_killed_runs(configuration, (5, 20))


@pytest.mark.slow
def test_a_killed_run_of_networks_goes_on_to_the_same_bytes(configuration: Path) -> None:
    # importing Keras here, without the settings of l1ml, would give this process other kernels than the one that is killed
    if find_spec("keras") is None:
        pytest.skip("no Keras")
    toy = CONFIGURATION.partition("[uncertainties]")[0].replace('"ibu"', '"omnifold"\niterations = 2')
    configuration.write_text(toy + "[uncertainties]\ndata = 2\nmc = 0\nensemble = 0\n")
    check_killed_runs(configuration, (1, 5))


def test_ctrl_c_is_one_line(configuration: Path) -> None:
    configuration.write_text(CONFIGURATION.replace("data = 6", "data = 500"))
    process = start(configuration)
    wait_for_steps(process, configuration, 3)
    os.kill(process.pid, signal.SIGINT)
    _, talk = process.communicate()
    assert process.returncode == 130
    assert talk.splitlines()[-1].startswith("l1ml-offline: interrupted; nothing is half-written")
    assert "Traceback" not in talk


def test_steps_of_another_configuration_are_not_used(configuration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    process = start(configuration)
    wait_for_steps(process, configuration, 2)
    process.kill()
    process.communicate()
    configuration.write_text(CONFIGURATION.replace("seed = 3", "seed = 4"))
    assert run(configuration) == 0
    assert "are of another configuration" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [[], ["unfold"], ["unfold", "fly"], ["fly"]])
def test_wrong_usage_is_two(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2

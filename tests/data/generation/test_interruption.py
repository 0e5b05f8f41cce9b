from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_SCRIPT = """
import signal
import sys
from pathlib import Path
from l1ml.data.generation import GenerationConfig, generate

class Speaker:
    def start(self, task, total=None):
        print(task, flush=True)
    def advance(self, n=1):
        print("done", n, flush=True)
    def finish(self):
        pass

if __name__ == "__main__":
    # a shell makes its background jobs ignore Ctrl-C, and the tests may be one of them
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config = GenerationConfig(
        seed=5, soft_collisions=100, hard_collisions=300, signal_collisions=20, quiet_crossings=20, hard_crossings=400
    )
    for record in generate(config, Path(sys.argv[1]), workers=2, progress=Speaker()):
        print(record.process, record.kept, flush=True)
"""


def begin(script: Path, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finished_files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_keeps_what_is_finished_and_goes_on(tmp_path: Path, how: signal.Signals) -> None:
    script, folder = tmp_path / "make.py", tmp_path / "events"
    script.write_text(_SCRIPT)
    run = begin(script, folder)
    assert run.stdout is not None
    while "done 20" not in run.stdout.readline():  # the first signal pool: other pools are still being made
        assert run.poll() is None
    if how is signal.SIGINT:
        os.killpg(run.pid, how)  # as a terminal does
    else:
        run.kill()
    _, said = run.communicate(timeout=30)
    assert run.returncode == -how
    assert said.count("Traceback") == (how is signal.SIGINT)  # that of the parent, none of a worker
    time.sleep(1.0)
    kept = finished_files(folder)
    assert any(path.name.startswith("haa4b-000") or path.name.startswith("htautau-000") for path in kept)
    assert not list(folder.glob("*.h5"))

    again = begin(script, folder)
    out, said = again.communicate(timeout=120)
    assert (again.returncode, said) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[-4:]] == ["zero_bias", "haa4b", "htautau", "ttbar"]
    assert {path: stamp for path, stamp in finished_files(folder).items() if path in kept} == kept

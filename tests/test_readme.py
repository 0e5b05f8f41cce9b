from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA, EventWriter

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text()


def test_the_first_block_is_the_two_commands() -> None:
    first = re.search(r"```\w*\n(.*?)```", TEXT, re.DOTALL)
    assert first is not None
    assert first[1].splitlines() == [
        "python -m pip install '.[all]' && l1ml run models/axo",
        "python -m pip install '.[all,test]' && pytest",
    ]


def test_the_python_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    events = tmp_path / "models" / "axo" / "run" / "events"
    for process in ("zero_bias", "ttbar"):
        with EventWriter(events / f"{process}-00000000.h5", LEVEL1_SCHEMA, process=process, provenance={}) as writer:
            writer.append(toy_events(100, rng))
    for name in ("weights.keras", "golden.h5"):
        (tmp_path / "models" / "axo" / name).write_bytes((ROOT / "models" / "axo" / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    names: dict[str, np.ndarray] = {}
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(block, names)
    assert names["scores"].shape == names["leading_pt"].shape == (100,)
    assert names["scores"].dtype == np.int64

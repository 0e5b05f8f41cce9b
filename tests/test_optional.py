from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from l1ml._optional import require
from l1ml.errors import ToolNotFoundError


@pytest.mark.parametrize(("module", "extra"), [("hls4ml", "convert"), ("pythia8mc", "generate"), ("nothing_like_it.x", "all")])
def test_a_missing_package_names_the_command(monkeypatch: pytest.MonkeyPatch, module: str, extra: str) -> None:
    monkeypatch.setitem(sys.modules, module.split(".", maxsplit=1)[0], None)
    with pytest.raises(ToolNotFoundError) as caught:
        require(module)
    assert str(caught.value).endswith(f"python -m pip install 'l1ml[{extra}]'")


def test_an_error_inside_a_package_is_not_taken_for_its_absence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_package.py").write_text("import no_such_dependency\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_dependency"):
        require("broken_package")


def test_a_talkative_import_is_muted_and_the_terminal_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loud_package.py").write_text("import os\nos.write(2, b'noise')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("l1ml._optional._TALKATIVE", {"loud_package"})
    require("loud_package")
    os.write(2, b"speech")
    assert capfd.readouterr().err == "speech"

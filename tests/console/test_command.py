from __future__ import annotations

from argparse import Namespace

import pytest

from l1ml.console import run_command
from l1ml.errors import DataError


def fail(args: Namespace) -> int:
    raise args.error


def test_exit_status_of_the_verb() -> None:
    assert run_command("p", Namespace(run=lambda args: 3, debug=False)) == 3


def test_an_error_is_one_line_and_a_traceback_if_wished(capsys: pytest.CaptureFixture[str]) -> None:
    args = Namespace(run=fail, error=DataError("no events"), debug=False)
    assert run_command("p", args) == 1
    assert capsys.readouterr().err == "p: DataError: no events\n"
    args.debug = True
    with pytest.raises(DataError):
        run_command("p", args)


def test_ctrl_c_is_130_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command("p", Namespace(run=fail, error=KeyboardInterrupt(), debug=False)) == 130
    assert capsys.readouterr().err.startswith("p: interrupted; ")

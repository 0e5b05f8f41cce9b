from __future__ import annotations

import pytest

from l1ml.cli.main import main


@pytest.mark.parametrize(
    ("option", "example"),
    [
        ("--weight-bits", "4,6"),
        ("--activation-bits", "6,8"),
        ("--hidden", "32-16,16-8"),
        ("--sparsity", "0.5,0.75"),
        ("--clock-mhz", "240,320"),
    ],
)
def test_what_is_no_list_is_answered_with_an_example(option: str, example: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["scan", option, "banana", "models/axo"])
    assert caught.value.code == 2
    assert f"argument {option}: 'banana' is no list such as {example}" in capsys.readouterr().err

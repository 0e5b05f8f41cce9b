from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from l1ml.configuration import from_mapping, read_toml
from l1ml.errors import ConfigError


@dataclass(frozen=True)
class Inner:
    width: int = 3


@dataclass(frozen=True)
class Outer:
    name: str
    epochs: int = 5
    rate: float = 0.5
    sizes: tuple[int, ...] = (1,)
    cut: float | None = None
    inner: Inner = field(default_factory=Inner)
    extra: Inner | None = None

    def __post_init__(self) -> None:
        if self.epochs < 0:
            msg = f"epochs must not be negative, received {self.epochs}"
            raise ConfigError(msg)


def test_tables_become_dataclasses() -> None:
    found = from_mapping(Outer, {"name": "x", "rate": 2, "sizes": [4, 5], "inner": {"width": 8}}, "m.toml")
    assert found == Outer("x", rate=2.0, sizes=(4, 5), inner=Inner(8))
    assert isinstance(found.rate, float)


def test_a_table_that_was_left_out_is_none_when_it_is_read_again() -> None:
    kept = json.loads(json.dumps(asdict(Outer("x"))))
    assert kept["extra"] is None
    assert from_mapping(Outer, kept, "kept") == Outer("x")
    assert from_mapping(Outer, {"name": "x", "extra": {"width": 2}}, "m.toml") == Outer("x", extra=Inner(2))


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "typo": ({"name": "x", "epocs": 3}, "m.toml has no key 'epocs'; did you mean 'epochs'?"),
    "inner typo": ({"name": "x", "inner": {"widht": 3}}, "m.toml.inner has no key 'widht'; did you mean 'width'?"),
    "missing": ({}, "m.toml lacks the key 'name'"),
    "type": ({"name": "x", "epochs": "ten"}, "m.toml.epochs must be int, received 'ten'"),
    "bool is no number": ({"name": "x", "rate": True}, "m.toml.rate must be float, received True"),
    "list": ({"name": "x", "sizes": 3}, "m.toml.sizes must be a list, received 3"),
    "element": ({"name": "x", "sizes": [1, "a"]}, "m.toml.sizes[1] must be int, received 'a'"),
    "table": ({"name": "x", "inner": 3}, "m.toml.inner must be a table, received 3"),
    "value": ({"name": "x", "epochs": -1}, "epochs must not be negative, received -1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_mistakes_are_named(case: str) -> None:
    mapping, message = WRONG[case]
    with pytest.raises(ConfigError) as caught:
        from_mapping(Outer, mapping, "m.toml")
    assert str(caught.value) == message


def test_files_that_are_no_toml(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        read_toml(tmp_path / "model.toml")
    (tmp_path / "model.toml").write_text("[model\n")
    with pytest.raises(ConfigError, match="is not TOML"):
        read_toml(tmp_path / "model.toml")

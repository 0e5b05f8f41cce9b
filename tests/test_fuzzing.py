"""model.toml, menu.toml and networks.toml with anything wrong in them: a clear error or another meaning, never a crash."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l1ml.errors import ConfigError, L1mlError
from l1ml.trigger.menus.toml_menu import read_toml_menu, toml_of_menu
from l1ml.trigger.network_file import read_networks
from l1ml.workflow.recipe import read_recipe

MODELS = Path(__file__).parents[1] / "models"
AXO = MODELS / "axo"
NETWORKS = f'[axo]\nmodel = "{AXO}"\npt = "word"\nmuon_phi = "vertex"\ndigest = "e58672"\n'
TEXTS = {
    "model.toml": (AXO / "model.toml").read_text(),
    "menu.toml": (AXO / "menu.toml").read_text(),
    "networks.toml": NETWORKS,
}
READERS: dict[str, Callable[[Path], object]] = {
    "model.toml": read_recipe,
    "menu.toml": lambda folder: toml_of_menu(read_toml_menu(folder / "menu.toml")),
    "networks.toml": lambda folder: {
        name: (item.digest, item.inputs) for name, item in read_networks(folder / "networks.toml").items()
    },
}

FUZZ = settings(max_examples=60, deadline=4000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

fragments = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [
            b"=",
            b"[",
            b"]",
            b'"',
            b"\n",
            b"#",
            b"nan",
            b"inf",
            b"-",
            b"1e999",
            b"9" * 40,
            b"true",
            b"{}",
            b"[[",
            b"\xff",
            b"\x00",
            b"'''",
            b".",
        ]
    ),
)


@st.composite
def spoilt(draw: st.DrawFn, text: str) -> bytes:
    """`text` with a few bytes taken out, put in or doubled."""
    content = text.encode()
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        stop = min(start + draw(st.integers(0, 12)), len(content))
        content = content[:start] + draw(st.one_of(fragments, st.just(content[start:stop] * 2))) + content[stop:]
    return content


def read(name: str, folder: Path, content: bytes) -> object | None:
    """What the reader makes of `content`; nothing if it refuses it. Any other exception is a crash."""
    (folder / name).write_bytes(content)
    try:
        return READERS[name](folder)
    except L1mlError:
        return None


@pytest.mark.parametrize("name", TEXTS)
@FUZZ
@given(data=st.data())
def test_spoilt_bytes_are_refused_or_read(name: str, tmp_path: Path, data: st.DataObject) -> None:
    read(name, tmp_path, data.draw(spoilt(TEXTS[name])))


@pytest.mark.parametrize("name", TEXTS)
@FUZZ
@given(content=st.binary(max_size=200))
def test_bytes_that_were_never_a_file_of_ours(name: str, tmp_path: Path, content: bytes) -> None:
    read(name, tmp_path, content)


def leaves(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all values that are no tables."""
    if isinstance(content, dict | list):
        for key, value in content.items() if isinstance(content, dict) else enumerate(content):
            yield from leaves(value, (*path, key))
    else:
        yield path


def at(content: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        content = content[key]
    return content


def toml_of(value: Any) -> str:
    """TOML of plain values, tables in a row."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml_of(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml_of(item) for item in value) + "]"
    return json.dumps(value).replace("Infinity", "inf").replace("NaN", "nan")


def others(value: Any) -> list[Any]:
    """Values that mean something else, of the same and of other types."""
    if isinstance(value, bool):
        return [not value, int(value), str(value)]
    if isinstance(value, int | float):
        return [
            value + 1,
            -value - 1,
            value * 2 + 1,
            0 if value else 7,
            float("nan"),
            float("inf"),
            str(value),
            True,
            [value],
            {},
            10**30,
        ]
    cases = [text for text in (value.upper(), value.lower()) if text != value]
    return [f"{value}x", value[:-1], *cases, "", 3, True, [value], {}]


@pytest.mark.parametrize("name", TEXTS)
def test_no_change_of_a_value_is_accepted_without_effect(name: str, tmp_path: Path) -> None:
    """Each value replaced by others, one at a time: refused, or something else is read."""
    content = tomllib.loads(TEXTS[name])
    original = read(name, tmp_path, TEXTS[name].encode())
    assert original is not None
    silent = []
    for path in leaves(content):
        for value in others(at(content, path)):
            changed = copy.deepcopy(content)
            at(changed, path[:-1])[path[-1]] = value
            text = "\n".join(f"{json.dumps(key)} = {toml_of(item)}" for key, item in changed.items())
            if read(name, tmp_path, text.encode()) == original:
                silent.append((path, value))
    assert silent == []


@pytest.mark.parametrize("name", TEXTS)
def test_a_key_more_is_refused_everywhere(name: str, tmp_path: Path) -> None:
    content = tomllib.loads(TEXTS[name])
    tables = {path[:-1] for path in leaves(content) if isinstance(path[-1], str)}
    accepted = []
    for path in tables:
        changed = copy.deepcopy(content)
        at(changed, path)["surplus"] = 1
        text = "\n".join(f"{json.dumps(key)} = {toml_of(item)}" for key, item in changed.items())
        if read(name, tmp_path, text.encode()) is not None:
            accepted.append(path)
    assert accepted == []


@pytest.mark.parametrize("key", ["top", "emulator", "build_folder", "output"])
def test_keys_of_published_networks_are_no_keys_of_a_model(key: str, tmp_path: Path) -> None:
    value = "2" if key == "output" else '"x"'
    assert read("networks.toml", tmp_path, f"{NETWORKS}{key} = {value}\n".encode()) is None


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        ('object_cuts.A = { kind = "eta", minimum = 3, maximum = 2 }', "which no word is; only phi wraps around"),
        ('object_cuts.A = { kind = "eta", physical = [nan, 1.0] }', "must be a finite number, received nan"),
        ('object_cuts.A = { kind = "eta", minimum = 1, maximum = 2, table = 3 }', "which has no 'table'"),
        ('object_cuts.A = { kind = "quality", table = 3, maximum = 2 }', "which has no 'maximum'; known: table"),
        ('object_cuts.A = { kind = "charge", text = "positive", minimum = 2 }', "which has no 'minimum'; known: text"),
        ('correlation_cuts.A = { kind = "dr", minimum = 3, maximum = 2 }', "which no word is"),
        ('correlation_cuts.A = { kind = "dr", maximum = 2, text = "os" }', "which has no 'text'"),
        ('correlation_cuts.A = { kind = "charge", text = "os", precision = 2 }', "which has no 'precision'; known: text"),
    ],
)
def test_cuts_that_would_be_read_over_or_never_pass(cut: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "menu.toml").write_text('name = "m"\n' + cut + '\n[[algorithm]]\nname = "L1_A"\nexpression = "MU22"\n')
    with pytest.raises(ConfigError, match=message):
        read_toml_menu(tmp_path / "menu.toml")

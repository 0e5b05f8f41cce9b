from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from l1ml.data import LEVEL1_SCHEMA, Events, EventWriter
from l1ml.data.readers import READERS, reader_called, reader_of, reader_options
from l1ml.errors import ConfigError, DataError, SchemaError, ToolNotFoundError


def test_the_registry_imports_nothing() -> None:
    heavy = ["l1ml.data.readers.ugt_vectors", "uproot"]
    code = f"import sys, l1ml.data.readers as r; print(len(r.READERS), [name in sys.modules for name in {heavy}])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(len(READERS)), "[False,", "False]"]


def test_every_reader_that_is_there_is_called_what_the_registry_calls_it() -> None:
    for name in READERS:
        try:
            reader = READERS[name]
        except ToolNotFoundError:
            continue
        assert reader.name == name
        assert reader.suffixes
        assert reader.title


def test_unknown_names_and_options() -> None:
    with pytest.raises(ConfigError, match="no format is called 'nanoaods'; did you mean 'nanoaod'"):
        reader_called("nanoaods")
    assert reader_options(reader_called("ugt"), {"era": 2024, "whole_orbits": False}) == {"era": "2024", "whole_orbits": False}
    with pytest.raises(ConfigError, match="has no option 'erra'; did you mean 'era'"):
        reader_options(reader_called("ugt"), {"erra": "2024"})


def test_files_are_known_by_their_content(tmp_path: Path, events: Events) -> None:
    with EventWriter(tmp_path / "a.h5", LEVEL1_SCHEMA, process="toy", provenance={}) as writer:
        writer.append(events)
    assert reader_of(tmp_path / "a.h5").name == "l1ml"
    (tmp_path / "a.txt").write_text("some text")
    with pytest.raises(SchemaError, match="is in no format that l1ml knows"):
        reader_of(tmp_path / "a.txt")
    with pytest.raises(DataError, match="is not a file"):
        reader_of(tmp_path / "b.txt")


def test_a_missing_package_is_named_only_when_its_format_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from l1ml.data.readers import registry

    monkeypatch.setitem(registry._MODULES, "other", "a_package_that_is_not_there.module:READER")
    assert "other" in READERS
    with pytest.raises(ToolNotFoundError, match="the format 'other' needs the Python module 'a_package_that_is_not_there'"):
        reader_called("other")
    (tmp_path / "a.txt").write_text("some text")
    with pytest.raises(SchemaError, match="the format 'other' needs"):
        reader_of(tmp_path / "a.txt")

from __future__ import annotations

import pytest

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.definitions import Definitions
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.prescale import Prescale
from l1ml.trigger.menus.prescale_table import read_prescale_table
from l1ml.trigger.menus.reader import read_menu

TABLE = "\ufeffIndex,Name,Emergency,2p0E34\n3,L1_A,0,1\n5,L1_B,2.5,100\n"


def menu(**indices: int) -> Menu:
    entries = [AlgorithmEntry(index, name, "MU5") for name, index in indices.items()]
    return Menu.from_entries("toy", entries, Definitions({"MU5": 11}))


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "prescales.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


def test_columns_by_name(path):
    table = read_prescale_table(path)
    assert table.column("Emergency") == {"L1_A": Prescale(0), "L1_B": Prescale(250)}
    assert table.for_menu(menu(L1_B=5, L1_A=3), "2p0E34") == (Prescale(100), Prescale(10000))
    with pytest.raises(ConfigError, match="the prescale table has no column '2p0E35'; did you mean '2p0E34'"):
        table.column("2p0E35")


def test_table_of_another_menu(path):
    table = read_prescale_table(path)
    with pytest.raises(ConfigError, match="no row for 'L1_C'"):
        table.for_menu(menu(L1_C=3), "Emergency")
    with pytest.raises(ConfigError, match="L1_A is bit 4 of the menu and 3 of the prescale table"):
        table.for_menu(menu(L1_A=4), "Emergency")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no prescale table"),
        ("Bit,Name,A\n", "is no prescale table"),
        ("Index,Name,A,A\n", "is no prescale table"),
        ("Index,Name,A\n1,L1_A\n", "line 2: expected 3 fields, received 2"),
        ("Index,Name,A\n512,L1_A,1\n", "line 2: the index must be 0 to 511, received '512'"),
        ("Index,Name,A\n1,L1_A,1\n2,L1_B,x\n", "line 3: a prescale is 0"),
        ("Index,Name,A\n1,L1_A,1\n1,L1_B,1\n", "the index 1 stands twice"),
        ("Index,Name,A\n1,L1_A,1\n2,L1_A,1\n", "the algorithm L1_A stands twice"),
    ],
)
def test_malformed_tables(path, text, message):
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_prescale_table(path)


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match="cannot be read as a prescale table"):
        read_prescale_table(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("name", "n_columns", "n_unprescaled"),
    [("L1Menu_Collisions2023_v1_3_1-d1", 22, 173), ("L1Menu_Collisions2024_v1_3_0-d1", 19, 165)],
)
def test_real_tables(real_data, name, n_columns, n_unprescaled):
    folder = real_data / "ugt" / name
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    table = read_prescale_table(folder / "prescales.csv")
    prescales = table.for_menu(read_menu(folder / f"{name}.html.gz"), "2p0E34")
    assert len(table.columns) == n_columns
    assert sum(prescale.is_one for prescale in prescales) == n_unprescaled

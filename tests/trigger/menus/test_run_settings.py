from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from trigger_toy import menu_with

from l1ml.errors import ConfigError, DataError
from l1ml.trigger import Menu, Prescale
from l1ml.trigger.menus.run_settings import read_run_settings


def table(name: str, columns: str, *rows: str) -> str:
    cells = "".join(f"<row> {row} </row>" for row in rows)
    return f'<param id="{name}" type="table"><columns>\n {columns} </columns><types>x</types><rows>{cells}</rows></param>'


def settings(*tables: str) -> str:
    return f'<run-settings id="uGT"><context id="uGtProcessor">{"".join(tables)}</context></run-settings>'


FINOR = table("finorMask", "algo,mask", "ALL,1", "L1_1,0")
VETO = table("vetoMask", "algo, veto", "all, 0", "2, 1")
BX = table("algorithmBxMask", "algo,range,mask", "ALL,ALL,1", "ALL,3490-3491,0", "L1_0,3562-1,0", "L1_0,3491,1", "L1_1,3564,0")
PRESCALES = table("prescales", "algo/prescale-index, 2p0E34, Emergency", "ALL,1,0", "L1_1,2.5,100")


@pytest.fixture
def menu() -> Menu:
    return menu_with("MU10", "MU20", "MU30")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.xml"


def test_masks_and_prescales_of_one_file(path: Path, menu: Menu) -> None:
    path.write_bytes(gzip.compress(settings(FINOR, VETO, BX, PRESCALES).encode()))
    found = read_run_settings(path)
    entries = [item.entry for item in found.applied_to(menu, "2p0E34").algorithms]
    assert [entry.in_final_or for entry in entries] == [True, False, True]
    assert [entry.is_veto for entry in entries] == [False, False, True]
    assert [entry.masked_bx for entry in entries] == [(0, 1, 3490, 3562, 3563), (0, 3490, 3491), (3490, 3491)]
    assert [entry.prescale for entry in entries] == [Prescale(), Prescale(250), Prescale()]
    prescales = found.prescale_table(menu)
    assert prescales.for_menu(menu, "Emergency") == (Prescale(0), Prescale(10000), Prescale(0))
    assert prescales.applied_to(menu, "2p0E34")["L1_1"].prescale == Prescale(250)


def test_what_a_file_does_not_hold_stays(path: Path, menu: Menu) -> None:
    path.write_text(settings(FINOR))
    assert read_run_settings(path).applied_to(menu) == menu.with_entries(
        lambda entry: entry if entry.name != "L1_1" else type(entry)(1, "L1_1", "MU20", in_final_or=False)
    )
    with pytest.raises(ConfigError, match="no prescale column 'A'"):
        read_run_settings(path).applied_to(menu, "A")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ((table("finorMask", "algo,mask", "L1_0,1", "1,1"),), r"finorMask says nothing about L1_2 \(bit 2\) and has no ALL row"),
        ((table("finorMask", "algo,mask", "ALL,1", "L1_7,1"),), "name 'L1_7', which menu 'toy' does not have; did you mean"),
        ((table("algorithmBxMask", "algo,range,mask", "ALL,9-x,0"),), "a range of crossings is 'a', 'a-b'"),
        ((table("algorithmBxMask", "algo,range,mask", "ALL,3565,0"),), "received '3565'"),
    ],
)
def test_settings_of_another_menu(path: Path, menu: Menu, tables: tuple[str, ...], message: str) -> None:
    path.write_text(settings(*tables))
    with pytest.raises(ConfigError, match=message):
        read_run_settings(path).applied_to(menu)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<run-settings>", "is not XML"),
        (settings(), "holds none of the tables finorMask"),
        (settings(table("finorMask", "algo,maks", "ALL,1")), "columns must be algo,mask, received algo,maks"),
        (settings(table("finorMask", "algo,mask", "ALL,1", "L1_0")), r"finorMask, row 2: expected 2 cells, received"),
        (settings(table("finorMask", "algo,mask", "ALL,2")), "row 1: a mask is 0 or 1, received '2'"),
        (settings(table("prescales", "algo,A", "ALL,1")), "the columns must be algo/prescale-index"),
        (settings(table("prescales", "algo/prescale-index,A", "ALL,0.5")), "prescales, row 1: a prescale is 0"),
    ],
)
def test_malformed_files(path: Path, text: str, message: str) -> None:
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_run_settings(path)


def test_missing_file(path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read as run settings"):
        read_run_settings(path)

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from l1ml.conversion.vendor_folder import read_vendor_folder
from l1ml.errors import ConversionError

REPORTS = Path(__file__).parents[1] / "data" / "reports"
TOP = "axo_top"
HLS = "axo_top_prj/solution1"
PLACES = {
    f"{HLS}/syn/report/{TOP}_csynth.xml": "csynth.xml",
    f"{HLS}/syn/report/dense_latency_csynth.xml": "csynth.xml",
    f"{HLS}/sim/report/{TOP}_cosim.rpt": "cosim.rpt",
    f"{HLS}/impl/report/verilog/export_impl.xml": "export_impl.xml",
    f"output_{TOP}/reports/{TOP}_post_route_util.rpt": "utilization.rpt",
    f"output_{TOP}/reports/{TOP}_post_route_timing.rpt": "timing.rpt",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for place, name in PLACES.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPORTS / name, tmp_path / place)
    return tmp_path


def test_every_report_of_the_top_is_found_and_none_of_its_parts(folder: Path) -> None:
    found = read_vendor_folder(folder, TOP, 4.166)
    assert [(item.stage, item.tool, item.lut) for item in found.synthesis] == [
        ("hls", "Vitis HLS", 20311),
        ("impl", "Vivado by Vitis HLS", 8317),
        ("impl", "Vivado", 5611),
    ]
    assert [item.meets_clock for item in found.synthesis] == [None, False, True]
    assert [(item.max_cycles, item.version, item.clock_ns) for item in found.latencies] == [(9, "2023.2", 4.17)]
    assert read_vendor_folder(folder, "other_top", 4.166).latencies == ()
    assert read_vendor_folder(folder / "absent", TOP, 4.166).synthesis == ()


def test_text_stands_in_for_xml_and_resources_for_timing(folder: Path) -> None:
    (folder / HLS / f"syn/report/{TOP}_csynth.xml").unlink()
    shutil.copy(REPORTS / "csynth.rpt", folder / HLS / f"syn/report/{TOP}_csynth.rpt")
    (folder / f"output_{TOP}/reports/{TOP}_post_route_timing.rpt").unlink()
    found = read_vendor_folder(folder, TOP, 4.166)
    assert (found.synthesis[0].lut, found.synthesis[-1].meets_clock) == (20311, None)


def test_two_runs_in_one_folder(folder: Path) -> None:
    shutil.copytree(folder / HLS, folder / "axo_top_prj/solution2")
    with pytest.raises(ConversionError, match=f"has {TOP}_csynth.xml 2 times, of different runs"):
        read_vendor_folder(folder, TOP, 4.166)


def test_a_latency_needs_its_clock(folder: Path) -> None:
    (folder / HLS / f"syn/report/{TOP}_csynth.xml").unlink()
    with pytest.raises(ConversionError, match="put the C synthesis report of the same run beside it"):
        read_vendor_folder(folder, TOP, 4.166)

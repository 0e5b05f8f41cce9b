"""Entries as they stand in ``gtl_luts_pkg.vhd`` of the firmware."""

from __future__ import annotations

from l1ml.trigger.conditions.lut_tables import CALO, CALO_MUON, MUON, pt_table, unconstrained_pt_table


def test_differences() -> None:
    assert CALO.deta()[:6].tolist() == [0, 44, 87, 131, 174, 217]
    assert CALO.dphi()[:6].tolist() == [0, 44, 87, 131, 175, 218]
    assert MUON.deta()[:6].tolist() == [0, 11, 22, 33, 44, 54]
    assert MUON.dphi()[:6].tolist() == [0, 11, 22, 33, 44, 55]
    assert CALO_MUON.deta()[919] == 9994


def test_hyperbolic_and_circular() -> None:
    assert CALO.cosh_deta()[:6].tolist() == [1000, 1001, 1004, 1009, 1015, 1024]
    assert CALO.cos_dphi()[:6].tolist() == [1000, 999, 996, 991, 985, 976]
    assert MUON.cosh_deta()[:6].tolist() == [10000, 10001, 10002, 10005, 10009, 10015]
    assert MUON.cos_dphi()[:6].tolist() == [10000, 9999, 9998, 9995, 9990, 9985]
    assert (CALO.cosh_deta()[229], MUON.cosh_deta()[450], CALO_MUON.cosh_deta()[919]) == (10597282, 667303, 109487199)
    assert CALO.sin_phi()[:3].tolist() == [22, 65, 109]
    assert MUON.cos_phi()[:3].tolist() == [10000, 9999, 9996]


def test_beyond_the_last_entry_tables_read_zero() -> None:
    assert CALO.deta()[230] == CALO.cosh_deta()[230] == MUON.deta()[451] == CALO_MUON.cosh_deta()[920] == 0


def test_differences_of_phi_wrap() -> None:
    assert CALO.dphi()[143] == CALO.dphi()[1]
    assert CALO.dphi().max() == CALO.dphi()[72] == 3142
    assert MUON.cos_dphi()[288] == -10000


def test_pt_is_that_of_the_bin_centre() -> None:
    assert pt_table(9, muon=False)[[0, 1, 2, 511]].tolist() == [3, 8, 13, 2558]
    assert pt_table(11, muon=False)[-1] == 10238
    assert pt_table(12, muon=False)[-1] == 20478
    assert pt_table(9, muon=True)[[0, 1, 2, 511]].tolist() == [0, 3, 8, 2553]
    assert unconstrained_pt_table()[[0, 1, 2, 255]].tolist() == [0, 5, 15, 2545]

"""Entries as they stand in ``gtl_luts_pkg.vhd`` of the firmware."""

from __future__ import annotations

import hashlib
from itertools import product

import pytest

from l1ml.errors import DataError
from l1ml.trigger.conditions.lut_tables import CALO, CALO_MUON, MUON, Geometry, pt_table, unconstrained_pt_table


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


def test_inverse_of_dr_squared() -> None:
    calo, muon = CALO.inverse_dr_squared(), MUON.inverse_dr_squared()
    assert calo.shape == (256, 73)
    assert muon.shape == (256, 145)
    assert calo[0, :6].tolist() == [0, 52524902, 13131225, 5836100, 3282806, 2100996]
    assert calo[1, :4].tolist() == [52847140, 26342764, 10517807, 5255695]
    assert muon[0, :4].tolist() == [0, 210099606, 52524902, 23344401]
    assert muon[1, :4].tolist() == [211388559, 105371056, 42071228, 21022779]
    assert (calo[229, 72], calo[100, 30], muon[225, 144], muon[100, 30]) == (917, 4846, 2957, 19384)


@pytest.mark.parametrize(
    ("geometry", "digest"),
    [
        (CALO, "a8b83a8b53982e6ecc68507659dd245ebf652d384e73933e76c3312ec53db234"),
        (MUON, "aca210087b56531b24306493770d78bdfa6d52a6f752315c46f023786167e700"),
    ],
    ids=["calorimeter", "muon"],
)
def test_inverse_tables_are_the_memories_of_the_firmware(geometry: Geometry, digest: str) -> None:
    """The digests are those of the words in the .mif files, put in order as rom_lut_calo/muon_inv_dr_sq_all.vhd reads them."""
    assert hashlib.sha256(geometry.inverse_dr_squared().astype("<i4").tobytes()).hexdigest() == digest


def test_no_memory_for_a_muon_and_a_calorimeter_object() -> None:
    with pytest.raises(DataError, match="no table of 1 / dR"):
        CALO_MUON.inverse_dr_squared()


@pytest.mark.parametrize(("geometry", "highest_pt"), [(CALO, 20478), (MUON, 2553)], ids=["calorimeter", "muon"])
def test_mass_over_dr_fits_into_63_bits(geometry: Geometry, highest_pt: int) -> None:
    dropped = geometry.dropped_bits or 0
    inverse = geometry.inverse_dr_squared().astype(object)
    cosh, cos = geometry.cosh_deta().astype(object), geometry.cos_dphi().astype(object)
    # words that are n steps apart are n / 2 coarse steps apart, rounded down or up
    coarse_eta = [{steps >> dropped, (steps + dropped) >> dropped} for steps in range(geometry.eta_entries)]
    coarse_phi = [{steps >> dropped, (steps + dropped) >> dropped} for steps in range(geometry.phi_bins // 2 + 1)]
    products = (
        (cosh[eta] - cos[phi]) * inverse[near, far]
        for eta, phi in product(range(geometry.eta_entries), range(geometry.phi_bins // 2 + 1))
        for near, far in product(coarse_eta[eta], coarse_phi[phi])
    )
    assert max(products) * highest_pt**2 < 2**63

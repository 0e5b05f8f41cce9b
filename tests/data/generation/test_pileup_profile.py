from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.configuration import from_mapping
from l1ml.data.generation import GenerationConfig
from l1ml.data.generation.pileup_profile import PileupProfile
from l1ml.errors import ConfigError

ROWS = st.lists(st.tuples(st.floats(0.5, 200), st.floats(0.01, 1e6)), min_size=1, max_size=20, unique_by=lambda row: row[0])


@given(ROWS, st.floats(0.1, 1e3))
def test_probabilities_add_up_and_the_normalisation_does_not_matter(rows: list[tuple[float, float]], factor: float) -> None:
    mu, share = zip(*sorted(rows), strict=True)
    profile = PileupProfile(mu, share)
    assert sum(profile.probability) == pytest.approx(1.0)
    assert mu[0] * (1 - 1e-12) <= profile.mean <= mu[-1] * (1 + 1e-12)
    assert PileupProfile(mu, tuple(factor * value for value in share)).probability == pytest.approx(profile.probability)


@pytest.mark.parametrize(
    ("mu", "share", "message"),
    [
        ((), (), "one share for each mu, received 0 mu and 0 shares"),
        ((10.0,), (0.5, 0.5), "received 1 mu and 2 shares"),
        ((-1.0, 20.0), (1.0, 1.0), "mu of a pileup profile must be finite, not negative .* received -1.0"),
        ((10.0, 20.0), (1.0, float("nan")), "share of a pileup profile .* received nan"),
        ((10.0, 20.0), (0.0, 0.0), "share of a pileup profile .* not all zero"),
        ((0.0, 20.0), (1.0, 0.0), "all crossings of this pileup profile have mu = 0"),
        ((20.0, 10.0), (1.0, 1.0), "must rise from row to row"),
        ((20.0, 20.0), (1.0, 1.0), "must rise from row to row"),
    ],
)
def test_what_is_no_profile_is_refused(mu: tuple[float, ...], share: tuple[float, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        PileupProfile(mu, share)


def written(folder: Path, text: str) -> Path:
    path = folder / "profile.csv"
    path.write_text(text)
    return path


def test_shares_of_crossings_are_taken_as_they_are(tmp_path: Path) -> None:
    profile = PileupProfile.read(written(tmp_path, "# two lumi blocks\nmu, crossings\n40, 1\n\n60, 3\n"))
    assert (profile.mu, profile.share, profile.mean) == ((40.0, 60.0), (1.0, 3.0), 55.0)
    assert profile.source.startswith("profile.csv, crossings, SHA-256 ")


def test_luminosity_is_divided_by_the_pileup_that_delivers_it(tmp_path: Path) -> None:
    """Half the luminosity at 60 takes half as many crossings as half of it at 30."""
    profile = PileupProfile.read(written(tmp_path, "mu,luminosity\n0,0\n30,5\n60,5\n"))
    assert profile.probability == pytest.approx((0, 2 / 3, 1 / 3))
    assert profile.mean == pytest.approx(40)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must begin with the line mu,crossings or mu,luminosity; received ''"),
        ("mu,share\n10,1\n", "received 'mu,share'"),
        ("10,1\n20,1\n", "received '10,1'"),
        ("mu,crossings\n10,1,2\n", "row 1 after the header must be two numbers, received '10,1,2'"),
        ("mu,crossings\n10,1\n20,much\n", "row 2 after the header"),
        ("mu,crossings\n", "received 0 mu"),
        ("mu,luminosity\n0,1\n10,1\n", "luminosity at mu = 0"),
        ("mu,luminosity\n-1,1\n10,1\n", "luminosity at mu = 0 or below"),
    ],
)
def test_files_that_are_no_profile_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        PileupProfile.read(written(tmp_path, text))


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(ConfigError, match="cannot read the pileup profile"):
            PileupProfile.read(path)
    (tmp_path / "image.csv").write_bytes(b"\x89PNG\xff\x00")
    with pytest.raises(ConfigError, match=r"cannot read the pileup profile .*image\.csv"):
        PileupProfile.read(tmp_path / "image.csv")


def test_a_recipe_holds_the_table_and_its_mean() -> None:
    table = {"mu": [40, 60], "share": [1, 3]}
    config = from_mapping(GenerationConfig, {"pileup": 55, "pileup_profile": table}, "events")
    assert config == GenerationConfig().with_profile(PileupProfile((40.0, 60.0), (1.0, 3.0)))
    with pytest.raises(ConfigError, match=r"pileup must be 55\.00, the mean of pileup_profile, received 60\.0"):
        from_mapping(GenerationConfig, {"pileup_profile": table}, "events")
    with pytest.raises(ConfigError, match="did you mean 'share'"):
        from_mapping(GenerationConfig, {"pileup": 55, "pileup_profile": {"mu": [55], "shares": [1]}}, "events")
    with pytest.raises(ConfigError, match="pileup_profile must be a table, received 60"):
        from_mapping(GenerationConfig, {"pileup_profile": 60}, "events")


def test_a_profile_is_part_of_the_digest_unless_it_is_of_one_mu() -> None:
    plain = GenerationConfig(pileup=55)
    assert plain.with_profile(PileupProfile.fixed(55.0)).digest == plain.digest
    assert plain.with_profile(PileupProfile.fixed(55.0)).to_dict() == plain.to_dict()
    two = plain.with_profile(PileupProfile((40.0, 60.0), (1.0, 3.0)))
    other = plain.with_profile(PileupProfile((50.0, 60.0), (1.0, 1.0)))
    assert len({plain.digest, two.digest, other.digest}) == 3
    told = replace(two, pileup_profile=replace(two.profile, source="of a run"))
    assert told.digest == two.digest
    assert told.to_dict()["pileup_profile"]["source"] == "of a run"

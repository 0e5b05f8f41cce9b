from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from l1ml.data.generation.pool import CollisionPool, read_header, read_pool, write_pool
from l1ml.errors import DataError


def same(a: CollisionPool, b: CollisionPool) -> bool:
    pairs = [(a.scale, b.scale), (a.weight, b.weight)]
    pairs += [(getattr(a.towers, name), getattr(b.towers, name)) for name in ("count", "tower", "ecal", "hcal")]
    pairs += [(getattr(a.muons, name), getattr(b.muons, name)) for name in a.muons.__dataclass_fields__]
    pairs += [(a.truth[name], b.truth[name]) for name in a.truth]
    return all(x.dtype == y.dtype and np.array_equal(x, y) for x, y in pairs)


def test_a_file_gives_back_what_was_written(pool: CollisionPool, tmp_path: Path) -> None:
    write_pool(tmp_path / "a.h5", pool, {"process": "soft", "generated": 30})
    found, header = read_pool(tmp_path / "a.h5")
    assert same(found, pool)
    assert header == read_header(tmp_path / "a.h5") == {"process": "soft", "generated": 30}


def test_an_empty_pool_can_be_kept(pool: CollisionPool, tmp_path: Path) -> None:
    empty = pool.select(np.zeros(30, bool))
    write_pool(tmp_path / "a.h5", empty, {})
    assert len(read_pool(tmp_path / "a.h5")[0]) == 0


def test_selection_and_joining_are_inverse(pool: CollisionPool) -> None:
    first = np.arange(30) < 11
    assert same(CollisionPool.concatenate([pool.select(first), pool.select(~first)]), pool)


@pytest.mark.parametrize("damage", ["missing", "truncated", "foreign"])
def test_damage_is_named(pool: CollisionPool, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.h5"
    write_pool(path, pool, {})
    match damage:
        case "missing":
            path.unlink()
        case "truncated":
            path.write_bytes(path.read_bytes()[:5000])
        case "foreign":
            path.write_text("not a pool")
    with pytest.raises(DataError, match=r"a\.h5 is truncated or damaged"):
        read_pool(path)


def test_a_full_disk_is_a_storage_error_and_leaves_nothing(tmp_path: Path) -> None:
    script = (
        "import resource, sys; from pathlib import Path; import numpy as np\n"
        "sys.path[:0] = sys.argv[2:]\n"
        "from conftest import toy_pool\n"
        "from l1ml.data.generation.pool import write_pool\n"
        "from l1ml.errors import StorageError\n"
        "pool = toy_pool(3000, np.random.default_rng(1))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n    write_pool(Path(sys.argv[1]) / 'a.h5', pool, {})\n"
        "except StorageError as error:\n    print('StorageError', error.errno); sys.exit(7)\n"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    here = Path(__file__)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), str(here.parent), str(here.parents[3])],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (7, "")
    assert list(tmp_path.iterdir()) == []

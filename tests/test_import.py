from __future__ import annotations

import subprocess
import sys

_CODE = """
import sys, time
before = set(sys.modules)
start = time.perf_counter()
import l1ml
seconds = time.perf_counter() - start
tops = {name.split('.')[0] for name in set(sys.modules) - before}
print(seconds, ' '.join(sorted(name for name in tops if name not in sys.stdlib_module_names)))
"""


def test_importing_l1ml_costs_numpy_and_h5py_only() -> None:
    runs = [subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=True) for _ in range(3)]
    found = {name for run in runs for name in run.stdout.split()[1:]}
    # h5py asks whether mpi4py is there, Cython registers its runtime: neither is a package of ours
    allowed = {"l1ml", "numpy", "h5py"}
    assert {name for name in found if not name.startswith(("_", "cython_runtime"))} <= allowed
    assert min(float(run.stdout.split()[0]) for run in runs) < 0.5

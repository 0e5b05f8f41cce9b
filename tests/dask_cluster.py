"""A Dask cluster of two workers, in a process of its own: prints its address, then, for each line it reads, their numbers."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    import dask
    from distributed import LocalCluster

    sys.path[:0] = sys.argv[1:]
    dask.config.set({"distributed.worker.daemon": True})
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        sys.stdout.write(f"{cluster.scheduler_address}\n")
        sys.stdout.flush()
        for _ in sys.stdin:
            pids = [str(nanny.pid) for nanny in cluster.workers.values()]
            sys.stdout.write(" ".join(pids) + "\n")
            sys.stdout.flush()

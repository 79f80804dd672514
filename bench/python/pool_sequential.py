"""Each task awaited before the next is submitted."""

import math
import os
import time
from multiprocessing import Pool

from bench import quantile, report, sizes, warm_up


def clock_tasks(pool, tasks):
    times = []
    for task in range(-math.ceil(tasks / 5), tasks):
        start = time.perf_counter()
        identity = pool.apply(os.getpid)
        seconds = time.perf_counter() - start
        if identity == os.getpid():
            raise RuntimeError("a task ran in the process that submitted it")
        if task >= 0:
            times.append(seconds * 1e6)
    return times


def main():
    given = sizes()
    with Pool(given["workers"]) as pool:
        warm_up(pool, given["workers"])
        times = clock_tasks(pool, given["tasks"])
    report({"task-p50": quantile(times, 0.5), "task-p99": quantile(times, 0.99)})


if __name__ == "__main__":
    main()

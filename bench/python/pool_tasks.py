"""Tasks submitted one by one, none awaited before all are submitted."""

import os
import time
from multiprocessing import Pool

from bench import check_elsewhere, quantile, repeat, report, sizes, warm_up


def clock_burst(pool, tasks, workers):
    start = time.perf_counter()
    results = [pool.apply_async(os.getpid) for _ in range(tasks)]
    identities = [result.get() for result in results]
    seconds = time.perf_counter() - start
    check_elsewhere(identities, workers)
    return seconds


def clock_each_task(pool, tasks, workers):
    """The end of a task is when its callback runs: the first moment at which the program can know it."""
    latencies = [0.0] * tasks

    def submit(task):
        start = time.perf_counter()

        def callback(_identity):
            latencies[task] = (time.perf_counter() - start) * 1000

        return pool.apply_async(os.getpid, callback=callback)

    results = [submit(task) for task in range(tasks)]
    check_elsewhere([result.get() for result in results], workers)
    return latencies


def main():
    given = sizes()
    tasks, workers = given["tasks"], given["workers"]
    with Pool(workers) as pool:
        warm_up(pool, workers)
        clock_burst(pool, tasks, workers)
        times, seconds = repeat(given, lambda: clock_burst(pool, tasks, workers))
        latencies = clock_each_task(pool, tasks, workers)
    report(
        {
            "tasks-per-second": times * tasks / seconds,
            "latency-p50": quantile(latencies, 0.5),
            "latency-p99": quantile(latencies, 0.99),
        }
    )


if __name__ == "__main__":
    main()

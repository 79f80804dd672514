"""Tasks of a millisecond of arithmetic with more and more workers, and the same in processes without a pool."""

import os
import time
from multiprocessing import Barrier, Pool, Process, SimpleQueue

from bench import quantile, repeat, report, sizes

PATIENCE = 20


def burn(loops):
    number = 1
    for _ in range(loops):
        number = (number * 1664525 + 1013904223) & 0xFFFFFFFF
    return os.getpid()


def loops_of_millisecond():
    def clock():
        start = time.perf_counter()
        burn(10_000)
        return time.perf_counter() - start

    return round(10_000 / (quantile([clock() for _ in range(30)], 0.5) * 1000))


def burn_bare(barrier, times, loops, calls):
    for _ in range(calls // 10):
        burn(loops)
    barrier.wait()
    start = time.perf_counter()
    for _ in range(calls):
        burn(loops)
    times.put(time.perf_counter() - start)


def clock_bare_processes(count, loops, calls):
    barrier, times = Barrier(count), SimpleQueue()
    children = [Process(target=burn_bare, args=(barrier, times, loops, calls)) for _ in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return sum(calls / times.get() for _ in children)


def burst(pool, loops, tasks):
    start = time.perf_counter()
    results = [pool.apply_async(burn, (loops,)) for _ in range(tasks)]
    identities = {result.get() for result in results}
    seconds = time.perf_counter() - start
    if os.getpid() in identities:
        raise RuntimeError("a task ran in the process that submitted it")
    return seconds, identities


def let_all_burn(pool, loops, count):
    seen, deadline = set(), time.perf_counter() + PATIENCE
    while len(seen) < count and time.perf_counter() < deadline:
        seen |= burst(pool, loops, count * 4)[1]


def main():
    given = sizes()
    cores, loops = given["cores"], loops_of_millisecond()
    values = {
        "bare-1": clock_bare_processes(1, loops, given["tasks"]),
        "bare-all": clock_bare_processes(cores, loops, given["tasks"]),
    }
    for count in given["workerCounts"]:
        tasks = given["tasks"] * min(cores, count)
        with Pool(count) as pool:
            let_all_burn(pool, loops, count)
            times, seconds = repeat(given, lambda: burst(pool, loops, tasks)[0])
        values[f"workers-{count}"] = times * tasks / seconds
    report(values)


if __name__ == "__main__":
    main()

"""Many items through `imap_unordered` from a generator, and the memory of workers that have nothing to do."""

import multiprocessing
import os
import re
import time

from bench import report, sizes

SETTLING = 1


def square(number):
    return number * number


def pause(_number):
    time.sleep(0.01)
    return os.getpid()


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def private_memory(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        found = re.findall(r"^Private_(?:Clean|Dirty): +(\d+) kB$", file.read(), re.MULTILINE)
    return sum(int(count) for count in found) * 1024 / 1e6


def weigh_idle_pool(method, workers):
    with multiprocessing.get_context(method).Pool(workers) as pool:
        seen = set()
        while len(seen) < workers:
            seen |= set(pool.imap_unordered(pause, range(workers * 4)))
        time.sleep(SETTLING)
        return sum(private_memory(pid) for pid in seen)


def stream(given):
    """With Python's default, a task for each item, this would take minutes."""
    every = min(10_000, given["items"] // 100)
    items, begin, highest, seen, total = given["items"], 0, 0, 0, 0
    with multiprocessing.Pool(given["workers"]) as pool:
        start = time.perf_counter()
        numbers = (number for number in range(items))
        for value in pool.imap_unordered(square, numbers, chunksize=given["chunkSize"]):
            total += value
            seen += 1
            if seen % every:
                continue
            now = resident()
            if seen <= items / 100:
                begin = now
            highest = max(highest, now)
        seconds = time.perf_counter() - start
        end = resident()
    if seen != items or total != (items - 1) * items * (2 * items - 1) // 6:
        raise RuntimeError(f"Expected the squares of {items} items, got {seen} with the sum {total}")
    return {
        "rss-begin": begin,
        "rss-highest": highest,
        "rss-end": end,
        "rss-grown": highest - begin,
        "items-per-second": items / seconds,
    }


def main():
    given = sizes()
    methods = ["fork", "forkserver", "spawn"]
    idle = {f"{method}-private": weigh_idle_pool(method, given["idleWorkers"]) for method in methods}
    report({**idle, **stream(given)})


if __name__ == "__main__":
    main()

"""What the programs of this folder share: sizes in, one line of JSON out, the same warm-up as in support/warm-up.mjs."""

import json
import os
import sys
import time


def sizes():
    return json.loads(sys.argv[1])


def report(values, unavailable=None):
    print(json.dumps({"values": values, "unavailable": unavailable or {}}))


def quantile(numbers, share):
    """As harness/statistics.mjs: interpolated between neighbours."""
    ordered = sorted(numbers)
    position = (len(ordered) - 1) * share
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def warm_up(pool, workers):
    seen, done, deadline = set(), 0, time.perf_counter() + 30
    while done < 500 or len(seen) < workers:
        if time.perf_counter() > deadline:
            raise RuntimeError(f"only {len(seen)} of {workers} workers took part")
        results = [pool.apply_async(os.getpid) for _ in range(100)]
        seen.update(result.get() for result in results)
        done += 100


def check_elsewhere(identities, workers):
    seen = set(identities)
    if os.getpid() in seen:
        raise RuntimeError("a task ran in the process that submitted it")
    if len(seen) != workers:
        raise RuntimeError(f"Expected {workers} workers to take part, got {len(seen)}")


def repeat(sizes, work):
    """As support/repeat.mjs; `work` returns seconds."""
    times, seconds = 0, 0.0
    while times < sizes["leastTimes"] or seconds * 1000 < sizes["leastTime"]:
        seconds += work()
        times += 1
    return times, seconds


def clock_by_turns(loops, given):
    """As support/clock-loops.mjs: nanoseconds of a round of each loop, the median of its batches."""
    times = {name: [] for name in loops}
    for turn in range(-given["warmUps"], given["batches"]):
        for name, loop in loops.items():
            start = time.perf_counter_ns()
            loop(given["batch"])
            spent = time.perf_counter_ns() - start
            if turn >= 0:
                times[name].append(spent / given["batch"])
    return {name: quantile(spent, 0.5) for name, spent in times.items()}


def proportional_memory():
    """Bytes: pages of this process, those that it shares in proportion."""
    with open("/proc/self/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) * 1024

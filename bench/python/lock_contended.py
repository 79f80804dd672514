"""Several processes want one lock all the time: the members do what programs/contend.mjs does."""

import time
from multiprocessing import Barrier, Lock, Process, RawValue, SimpleQueue

from bench import report, sizes

STRIDE = 16


def take(lock, counter, seconds):
    begin, count, spent = time.perf_counter(), 0, 0.0
    while spent < seconds:
        for _ in range(STRIDE):
            lock.acquire()
            counter.value += 1
            lock.release()
        count += STRIDE
        spent = time.perf_counter() - begin
    return count, spent


def contend(lock, counter, start, given, results):
    start.wait()
    unclocked, _ = take(lock, counter, given["warmUp"] / 1e3)
    start.wait()
    results.put((*take(lock, counter, given["time"] / 1e3), unclocked))


def hold_contest(size, given):
    lock, counter, start, results = Lock(), RawValue("i", 0), Barrier(size), SimpleQueue()
    processes = [Process(target=contend, args=(lock, counter, start, given, results)) for _ in range(size)]
    for process in processes:
        process.start()
    found = [results.get() for _ in processes]
    for process in processes:
        process.join()
    expected = sum(count + unclocked for count, _, unclocked in found)
    if counter.value != expected:
        raise RuntimeError(f"Expected the counter to be {expected}, got {counter.value}")
    counts = [count for count, _, _ in found]
    rate = sum(count / spent for count, spent, _ in found)
    return {f"total-{size}": rate, f"fairness-{size}": max(counts) / min(counts)}


def main():
    given, values = sizes(), {}
    for size in given["crowds"]:
        values.update(hold_contest(size, given))
    report(values)


if __name__ == "__main__":
    main()

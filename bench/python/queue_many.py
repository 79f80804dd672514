"""Many producers and as many consumers on one queue: as programs/crowd.mjs."""

import time
from multiprocessing import Barrier, Process, Queue, SimpleQueue

from bench import report, sizes


def produce(queue, start, counts):
    for count in counts:
        start.wait()
        for index in range(count):
            queue.put(index)
    start.wait()


def consume(queue, start, counts, results):
    begin, total = 0.0, 0
    for count in counts:
        start.wait()
        begin, total = time.perf_counter(), 0
        for _ in range(count):
            total += queue.get()
    start.wait()
    results.put((time.perf_counter() - begin, total))


def run(size, max_size, given):
    queue, start, results = Queue(max_size), Barrier(2 * size), SimpleQueue()
    counts = [given["warmUp"] // size, given["count"] // size]
    processes = [Process(target=produce, args=(queue, start, counts)) for _ in range(size)]
    processes += [Process(target=consume, args=(queue, start, counts, results)) for _ in range(size)]
    for process in processes:
        process.start()
    found = [results.get() for _ in range(size)]
    for process in processes:
        process.join()
    expected = size * counts[1] * (counts[1] - 1) // 2
    if sum(total for _, total in found) != expected:
        raise RuntimeError(f"Expected the items to add up to {expected}")
    return size * counts[1] / max(seconds for seconds, _ in found)


def main():
    given, values = sizes(), {}
    for size in given["crowds"]:
        for bound, max_size in given["maxSizes"].items():
            values[f"{size}x{size}{bound}"] = run(size, max_size, given)
    report(values)


if __name__ == "__main__":
    main()

"""How often several processes get past a barrier: the members do what programs/pass-barrier.mjs does."""

import time
from multiprocessing import Barrier, Process, SimpleQueue

from bench import quantile, report, sizes


def pass_barrier(barrier, warm_up, passes, results):
    for _ in range(warm_up):
        barrier.wait()
    begin = time.perf_counter()
    for _ in range(passes):
        barrier.wait()
    results.put(time.perf_counter() - begin)


def clock(size, given):
    barrier, results = Barrier(size), SimpleQueue()
    processes = [Process(target=pass_barrier, args=(barrier, given["warmUp"], given["passes"], results)) for _ in range(size)]
    for process in processes:
        process.start()
    times = [results.get() for _ in processes]
    for process in processes:
        process.join()
    return given["passes"] / quantile(times, 0.5)


def main():
    given = sizes()
    report({f"blocking-{size}": clock(size, given) for size in given["parties"]})


if __name__ == "__main__":
    main()

"""From making a pool to the result of its first task, and the same of a second pool."""

import os
import time
from multiprocessing import Pool

from bench import report, sizes


def clock_first_result(workers):
    start = time.perf_counter()
    pool = Pool(workers)
    identity = pool.apply(os.getpid)
    seconds = time.perf_counter() - start
    if identity == os.getpid():
        raise RuntimeError("the task ran in the process that submitted it")
    pool.close()
    pool.join()
    return seconds * 1000


def main():
    workers = sizes()["workers"]
    report({"first-result": clock_first_result(workers), "second-pool": clock_first_result(workers)})


if __name__ == "__main__":
    main()

"""From making a pool to the result of its first task."""

import os
import time
from multiprocessing import Pool

from bench import report, sizes


def main():
    workers = sizes()["workers"]
    start = time.perf_counter()
    pool = Pool(workers)
    identity = pool.apply(os.getpid)
    seconds = time.perf_counter() - start
    if identity == os.getpid():
        raise RuntimeError("the task ran in the process that submitted it")
    pool.close()
    pool.join()
    report({"first-result": seconds * 1000})


if __name__ == "__main__":
    main()

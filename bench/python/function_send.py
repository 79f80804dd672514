"""A function by reference, as Python's multiprocessing sends it: pickle writes its module and name. (cloudpickle is no part of Python.)"""

import pickle
import time

from bench import quantile, report, sizes


def clock(work, times):
    start = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - start) * 1e6 / times


def main():
    given = sizes()
    message = pickle.dumps(quantile)
    for name, work in (("pickle-dumps", lambda: pickle.dumps(quantile)), ("pickle-loads", lambda: pickle.loads(message))):
        yield name, quantile([clock(work, given["batch"]) for _ in range(given["batches"])], 0.5)


report(dict(main()))

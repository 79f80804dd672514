"""A lock that nobody else wants: what it costs to take and give back, and to have many."""

import gc
import time
from multiprocessing import Lock, RLock

from bench import clock_by_turns, proportional_memory, report, sizes


def acquire_release(lock):
    def loop(rounds):
        for _ in range(rounds):
            lock.acquire()
            lock.release()

    return loop


def with_lock(lock):
    def loop(rounds):
        for _ in range(rounds):
            with lock:
                pass

    return loop


def create(count):
    """As support/lock-creation.mjs. Fewer: each lock is a mapping of its own, of which the system allows a process 65,530."""
    gc.collect()
    before = proportional_memory()
    start = time.perf_counter()
    locks = [Lock() for _ in range(count)]
    spent = time.perf_counter() - start
    gc.collect()
    return {"create-each": spent * 1e6 / count, "memory-each": (proportional_memory() - before) / len(locks)}


def main():
    given = sizes()
    created = create(given["pythonLocks"])
    lock, rlock = Lock(), RLock()
    loops = {
        "acquire-release": acquire_release(lock),
        "with": with_lock(lock),
        "rlock-acquire-release": acquire_release(rlock),
        "rlock-with": with_lock(rlock),
    }
    report({**clock_by_turns(loops, given), **created})


if __name__ == "__main__":
    main()

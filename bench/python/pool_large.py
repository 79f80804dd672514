"""A megabyte of numbers into a task and out of it, as an `array`, which is sent as its bytes."""

import time
from array import array
from multiprocessing import Pool
from threading import Thread

from bench import repeat, report, sizes, warm_up


def change_array(numbers):
    numbers[0] += numbers[-1]
    return numbers


def round_trip(pool, numbers, number):
    numbers[0], numbers[-1] = number, 2 * number + 1
    changed = pool.apply(change_array, (numbers,))
    if len(changed) != len(numbers) or changed[0] != 3 * number + 1:
        raise RuntimeError(f"Expected an array that begins with {3 * number + 1}, got {changed[0]}")


def clock(pool, given, tasks):
    numbers, failures = iter(range(tasks)), []

    def submit():
        try:
            values = array("d", bytes(8 * given["length"]))
            for number in numbers:
                round_trip(pool, values, number)
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=submit) for _ in range(given["workers"] * 2)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if failures:
        raise failures[0]
    return seconds


def main():
    given = sizes()
    with Pool(given["workers"]) as pool:
        warm_up(pool, given["workers"])
        clock(pool, given, given["tasks"] // 5)
        times, seconds = repeat(given, lambda: clock(pool, given, given["tasks"]))
    report({"tasks-per-second": times * given["tasks"] / seconds})


if __name__ == "__main__":
    main()

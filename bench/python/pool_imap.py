"""`imap` and `imap_unordered` of many squares, a task for each item, as is their default."""

import time
from multiprocessing import Pool

from bench import repeat, report, sizes, warm_up


def square(number):
    return number * number


def clock(way, count):
    start = time.perf_counter()
    found = sum(way(square, (number for number in range(count))))
    seconds = time.perf_counter() - start
    expected = (count - 1) * count * (2 * count - 1) // 6
    if found != expected:
        raise RuntimeError(f"Expected {expected} as the sum of the squares, got {found}")
    return seconds


def items_per_second(way, given):
    clock(way, given["items"] // 10)
    times, seconds = repeat(given, lambda: clock(way, given["items"]))
    return times * given["items"] / seconds


def main():
    given = sizes()
    with Pool(given["workers"]) as pool:
        warm_up(pool, given["workers"])
        report(
            {
                "one-by-one": items_per_second(pool.imap, given),
                "unordered-one-by-one": items_per_second(pool.imap_unordered, given),
            }
        )


if __name__ == "__main__":
    main()

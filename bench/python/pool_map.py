"""`map` of many squares with default chunks, and with the same chunks made by hand."""

import time
from multiprocessing import Pool

from bench import repeat, report, sizes, warm_up


def square(number):
    return number * number


def square_all(numbers):
    return [square(number) for number in numbers]


def map_by_hand(pool, items, workers):
    size = -(len(items) // -(workers * 4))
    chunks = [items[start : start + size] for start in range(0, len(items), size)]
    results = [pool.apply_async(square_all, (chunk,)) for chunk in chunks]
    return [value for result in results for value in result.get()]


def clock_map(map_squares, items):
    start = time.perf_counter()
    squares = map_squares(items)
    seconds = time.perf_counter() - start
    if squares != [item * item for item in items]:
        raise RuntimeError("Expected the squares of all items, in order")
    return seconds


def items_per_second(map_squares, given):
    items = list(range(given["items"]))
    map_squares(items[: -(len(items) // -100)])
    times, seconds = repeat(given, lambda: clock_map(map_squares, items))
    return times * len(items) / seconds


def main():
    given = sizes()
    workers = given["workers"]
    with Pool(workers) as pool:
        warm_up(pool, workers)
        by_hand = items_per_second(lambda items: map_by_hand(pool, items, workers), given)
        by_map = items_per_second(lambda items: pool.map(square, items), given)
    report({"items-per-second": by_map, "hand-chunked-items-per-second": by_hand})


if __name__ == "__main__":
    main()

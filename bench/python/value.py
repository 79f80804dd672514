"""Shared numbers and structs, used by one process: the loops of support/value-loops.mjs."""

import time
from ctypes import Structure, c_double
from multiprocessing import RawArray, RawValue, Value

from bench import clock_by_turns, report, sizes


class Point(Structure):
    _fields_ = [("x", c_double), ("y", c_double)]


def increment(shared):
    def loop(rounds):
        for _ in range(rounds):
            with shared.get_lock():
                shared.value += 1

    return loop


def raw_increment(raw):
    def loop(rounds):
        for _ in range(rounds):
            raw.value += 1

    return loop


def struct_read(points):
    def loop(rounds):
        total, length = 0.0, len(points)
        for index in range(rounds):
            total += points[index % length].x

    return loop


def struct_write(points):
    def loop(rounds):
        length = len(points)
        for index in range(rounds):
            points[index % length].y = index

    return loop


def main():
    given = sizes()
    items = [(index, -index) for index in range(given["points"])]
    start = time.perf_counter()
    points = RawArray(Point, items)
    spent = time.perf_counter() - start
    loops = {
        "increment": increment(Value("i", 0)),
        "raw-increment": raw_increment(RawValue("i", 0)),
        "struct-read": struct_read(points),
        "struct-write": struct_write(points),
    }
    report({**clock_by_turns(loops, given), "struct-create": spent * 1e3})


if __name__ == "__main__":
    main()

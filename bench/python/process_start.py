"""From start() to the first line in the child, and the memory of children: the parts of support/process-start-plan.mjs."""

import gc
import multiprocessing
import os
import re
import signal
import tempfile
import time

from bench import quantile, report, sizes

RING_SIZE = 100_000
SLICE = 0.001
SETTLING = 0.5
LONGEST_WAIT = 30

held, ring = [], {}


class Item:
    __slots__ = ("id", "next")

    def __init__(self, index):
        self.id = index
        self.next = index + 1


def first_line(path, stay):
    moment = time.monotonic_ns()
    write_line(path, f"{moment} {os.getpid()}")
    if stay:
        signal.pause()


def read_buffers(path, _stay):
    found = sum(buffer.count(1) for buffer in held)
    write_line(path, f"{time.monotonic_ns()} {os.getpid()} {found}")
    signal.pause()


def write_line(path, words):
    file = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.write(file, f"{words}\n".encode())
    os.close(file)


def lines(path):
    with open(path) as file:
        return [line.split() for line in file.read().split("\n")[:-1]]


def line_after(path, count):
    deadline = time.monotonic() + LONGEST_WAIT
    while len(found := lines(path)) <= count:
        if time.monotonic() > deadline:
            raise RuntimeError("the child has written nothing")
        time.sleep(0.01)
    return found[count]


def bear_load(part):
    amounts = part["amounts"]
    if part["load"] == "objects":
        held.extend(Item(index) for index in range(amounts["objects"]))
    if part["load"] == "buffers":
        held.extend(bytearray([index + 1]) * amounts["bufferBytes"] for index in range(amounts["buffers"]))
    gc.collect()
    time.sleep(SETTLING)


def allocate(allocated):
    """A millisecond of it, by the thread that also starts: another one would make each start wait 5 ms for the interpreter's lock."""
    end = time.monotonic() + SLICE
    while time.monotonic() < end:
        for _ in range(100):
            ring[allocated % RING_SIZE] = {"id": allocated, "text": f"item {allocated}", "list": [allocated]}
            allocated += 1
    return allocated


def clock_each(context, part, path):
    allocated, begins = 0, []
    for _ in range(part["starts"] + 1):
        if part["load"] == "allocating":
            allocated = allocate(allocated)
        process = context.Process(target=first_line, args=(path, False))
        begins.append(time.monotonic_ns())
        process.start()
        while part["load"] == "allocating" and process.is_alive():
            allocated = allocate(allocated)
        process.join()
        if process.exitcode != 0:
            raise RuntimeError(f"the child ended with exit code {process.exitcode}")
        process.close()
    found = lines(path)
    if len(found) != len(begins):
        raise RuntimeError(f"Expected a line of each of {len(begins)} children, got {len(found)}")
    return [(int(words[0]) - begin) / 1e6 for words, begin in zip(found, begins)]


def clock_starts(context, part, path):
    bear_load(part)
    first, *times = clock_each(context, part, path)
    name = f"{part['method']}-{part['load']}"
    values = {name: quantile(times, 0.5), f"{name}-p99": quantile(times, 0.99)}
    if part["load"] == "idle":
        values[f"{part['method']}-first"] = first
    return values


def watch(context, part, path, target, look):
    for index in range(part["starts"]):
        before = kilobytes("/proc/meminfo", "MemAvailable")
        process = context.Process(target=target, args=(path, True), daemon=True)
        process.start()
        words = line_after(path, index)
        time.sleep(SETTLING)
        yield look(int(words[1]), words, before)
        process.terminate()
        process.join()


def weigh_idle_children(context, part, path):
    def look(pid, _words, _before):
        return sum(kilobytes(f"/proc/{pid}/smaps_rollup", name) for name in ("Private_Clean", "Private_Dirty")) / 1e3

    return {f"{part['method']}-private": quantile(list(watch(context, part, path, first_line, look)), 0.5)}


def weigh_reading_children(context, part, path):
    bear_load(part)
    expected = part["amounts"]["bufferBytes"]

    def look(pid, words, before):
        if int(words[2]) != expected:
            raise RuntimeError(f"Expected the child to read {expected}, got {words[2]}")
        used = before - kilobytes("/proc/meminfo", "MemAvailable")
        return used / 1e3, kilobytes(f"/proc/{pid}/smaps_rollup", "Private_Dirty") / 1e3

    used, dirty = zip(*watch(context, part, path, read_buffers, look))
    return {"fork-read-used": quantile(used, 0.5), "fork-read-dirty": quantile(dirty, 0.5)}


def kilobytes(path, name):
    """The system's "kB" are 1,024 bytes; these are 1,000."""
    with open(path) as file:
        return int(re.search(rf"^{name}: +(\d+) kB$", file.read(), re.MULTILINE)[1]) * 1.024


def main():
    part = sizes()
    kinds = {"starts": clock_starts, "private": weigh_idle_children, "read": weigh_reading_children}
    with tempfile.NamedTemporaryFile(prefix="polyprocess-bench-") as file:
        report(kinds[part["kind"]](multiprocessing.get_context(part["method"]), part, file.name))


if __name__ == "__main__":
    main()

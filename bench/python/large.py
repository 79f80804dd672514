"""A large array of numbers through a Queue, as its bytes: the cheapest that Python has."""

import struct
import time
from array import array
from multiprocessing import Process, Queue, SimpleQueue

from bench import quantile, report, sizes


def take(queue, answers, count):
    for _ in range(count):
        data = queue.get()
        answers.put(struct.unpack_from("d", data, 0)[0] + struct.unpack_from("d", data, len(data) - 8)[0])


def main():
    given = sizes()
    queue, answers, times = Queue(), SimpleQueue(), []
    taker = Process(target=take, args=(queue, answers, given["warmUps"] + given["rounds"]))
    taker.start()
    for round_ in range(-given["warmUps"], given["rounds"]):
        data = (array("d", [round_]) * given["length"]).tobytes()
        start = time.perf_counter()
        queue.put(data)
        answer = answers.get()
        if round_ >= 0:
            times.append((time.perf_counter() - start) * 1e3)
        if answer != 2 * round_:
            raise RuntimeError(f"Expected {2 * round_} as the answer, got {answer}")
    taker.join()
    report({"blocking": quantile(times, 0.5)}, {"promise": "multiprocessing has blocking calls only", "shared": "see blocking", "moved": "its memory is not shared"})


if __name__ == "__main__":
    main()

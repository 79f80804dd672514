"""A stream of small items through a Queue, from one process to another."""

import time
from multiprocessing import Process, Queue, SimpleQueue

from bench import report, sizes

MAKERS = {"ints": lambda index: index, "objects": lambda index: {"id": index, "name": "item", "done": False}}


def take(queue, answers, counts):
    for count in counts:
        for _ in range(count):
            queue.get()
        answers.put(count)


def stream(make, size, given):
    queue, answers = Queue(size), SimpleQueue()
    counts = [given["warmUp"], given["count"]]
    consumer = Process(target=take, args=(queue, answers, counts))
    consumer.start()
    maker, seconds = MAKERS[make], 0.0
    for count in counts:
        start = time.perf_counter()
        for index in range(count):
            queue.put(maker(index))
        answers.get()
        seconds = time.perf_counter() - start
    consumer.join()
    return given["count"] / seconds


def main():
    given, values = sizes(), {}
    for make in given["makes"]:
        values[make] = stream(make, 0, given)
        values[f"{make}-bounded"] = stream(make, 1000, given)
    report(values)


if __name__ == "__main__":
    main()

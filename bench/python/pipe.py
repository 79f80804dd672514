"""Bytes through a Pipe, one message after the other, in one direction."""

import time
from multiprocessing import Pipe, Process

from bench import report, sizes


def receive(connection, counts, size):
    for count in counts:
        for _ in range(count):
            if len(connection.recv_bytes()) != size:
                raise RuntimeError("a message of another size came")
        connection.send(count)


def run(size, count):
    here, there = Pipe()
    counts = [-(-count // 10), count]
    child = Process(target=receive, args=(there, counts, size))
    child.start()
    there.close()
    data, seconds = b"\7" * size, 0.0
    for each in counts:
        start = time.perf_counter()
        for _ in range(each):
            here.send_bytes(data)
        if here.recv() != each:
            raise RuntimeError("the other side did not count right")
        seconds = time.perf_counter() - start
    child.join()
    return count / seconds


def main():
    report({f"bytes-{entry['size']}": run(entry["size"], entry["count"]) for entry in sizes()["plan"]})


if __name__ == "__main__":
    main()

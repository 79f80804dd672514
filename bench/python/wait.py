"""A small integer to another process and back over a Pipe, by calls that block."""

import time
from multiprocessing import Pipe, Process

from bench import quantile, report, sizes

NO_PROMISE = "multiprocessing has blocking calls only"


def echo(connection):
    while (ball := connection.recv()) is not None:
        connection.send(ball)


def clock_round_trips(connection, warm_up, rounds):
    times = []
    for ball in range(-warm_up, rounds):
        start = time.perf_counter()
        connection.send(ball)
        answer = connection.recv()
        seconds = time.perf_counter() - start
        if answer != ball:
            raise RuntimeError(f"Expected {ball} to come back, got {answer}")
        if ball >= 0:
            times.append(seconds * 1e6)
    return times


def main():
    counts = sizes()
    here, there = Pipe()
    child = Process(target=echo, args=(there,))
    child.start()
    times = clock_round_trips(here, counts["warmUp"], counts["rounds"])
    here.send(None)
    child.join()
    report(
        {"blocking": quantile(times, 0.5), "blocking-p99": quantile(times, 0.99)},
        {"promise": NO_PROMISE},
    )


if __name__ == "__main__":
    main()

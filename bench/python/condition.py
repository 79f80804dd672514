"""Rounds of signals between two processes: as support/signal-rounds.mjs and programs/ping-pong.mjs."""

import time
from multiprocessing import Condition, Event, Process

from bench import quantile, report, sizes


def echo_event(there, back, _condition, rounds):
    for _ in range(rounds):
        there.wait()
        there.clear()
        back.set()


def play_event(there, back, _condition):
    def one_round():
        there.set()
        back.wait()
        back.clear()

    yield one_round


def echo_condition(_there, back, condition, rounds):
    with condition:
        back.set()
        for _ in range(rounds):
            condition.wait()
            condition.notify()


def play_condition(_there, back, condition):
    def one_round():
        condition.notify()
        condition.wait()

    back.wait()
    with condition:
        yield one_round


def clock(one_round, warm_up, rounds):
    times = []
    for round_number in range(-warm_up, rounds):
        start = time.perf_counter()
        one_round()
        seconds = time.perf_counter() - start
        if round_number >= 0:
            times.append(seconds * 1e6 / 2)
    return times


def measure(echo, play, counts):
    court = Event(), Event(), Condition()
    child = Process(target=echo, args=(*court, counts["warmUp"] + counts["rounds"]))
    child.start()
    for one_round in play(*court):
        times = clock(one_round, counts["warmUp"], counts["rounds"])
    child.join()
    return times


def main():
    counts, values = sizes(), {}
    for name, echo, play in (("event", echo_event, play_event), ("condition", echo_condition, play_condition)):
        times = measure(echo, play, counts)
        values[f"{name}-blocking"] = quantile(times, 0.5)
        values[f"{name}-blocking-p99"] = quantile(times, 0.99)
    report(values)


if __name__ == "__main__":
    main()

"""The job of `npm start` on multiprocessing.Pool: the same files, the same batches, words counted and files hashed."""

import hashlib
import os
import re
import time
from collections import Counter
from multiprocessing import Pool
from pathlib import Path

from bench import report, sizes

FOLDER = Path(__file__).resolve().parents[2] / "node_modules"
SOURCE = set(".js .mjs .cjs .jsx .ts .mts .cts .tsx .json .md .c .h .cc .css .html".split())
SMALLEST_BATCH = 1_000_000
QUICK_BYTES = 8_000_000
# Letters of any script; `re` has no \p{L}, and what this takes besides (some numerals) hardly occurs.
WORD = re.compile(r"[^\W\d_]+")


def read_source_files(limit):
    """(path, bytes), the largest first; each is read once, which puts it into the system's cache."""
    files, total = [], 0
    for path in sorted(list_files(FOLDER)):
        if total >= limit:
            break
        size = len(read(path))
        files.append((path, size))
        total += size
    return sorted(files, key=lambda file: -file[1])


def list_files(folder):
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith("."):
                yield from list_files(entry.path)
        elif entry.is_file(follow_symlinks=False) and os.path.splitext(entry.name)[1] in SOURCE:
            yield entry.path


def read(path):
    with open(path, "rb") as file:
        return file.read()


def count_batch(paths):
    counts, digests = Counter(), []
    for path in paths:
        content = read(path)
        digests.append(hashlib.sha256(content).digest())
        counts.update(WORD.findall(content.decode("utf-8", "replace").lower()))
    return counts, b"".join(digests)


def to_batches(files, processes):
    """Large ones first, small ones last, as the job's own batches."""
    batches, left, at = [], sum(size for _, size in files), 0
    while at < len(files):
        wanted, paths, size = max(SMALLEST_BATCH, left / (2 * processes)), [], 0
        while at < len(files) and size < wanted:
            paths.append(files[at][0])
            size += files[at][1]
            at += 1
        batches.append(paths)
        left -= size
    return batches


def run_sequentially(files):
    start = time.perf_counter()
    counts, digests = count_batch([path for path, _ in files])
    result = summarize(counts, digests)
    return result, time.perf_counter() - start


def run_on_pool(files, workers):
    """The pool's start is part of the time, its end is not: as the job clocks it."""
    start = time.perf_counter()
    with Pool(workers) as pool:
        counts, digests = Counter(), []
        for batch_counts, batch_digests in pool.imap(count_batch, to_batches(files, workers)):
            counts.update(batch_counts)
            digests.append(batch_digests)
        result = summarize(counts, b"".join(digests))
        return result, time.perf_counter() - start


def summarize(counts, digests):
    top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]
    return sum(counts.values()), len(counts), top, hashlib.sha256(digests).hexdigest()


def main():
    given = sizes()
    files = read_source_files(QUICK_BYTES if given["quick"] else float("inf"))
    sequential_result, sequential = run_sequentially(files)
    pool_result, pool = run_on_pool(files, given["workers"])
    if sequential_result != pool_result:
        raise RuntimeError("the pool came to another result than the sequential run")
    report(
        {
            "speed-up": sequential / pool,
            "sequential": sequential,
            "pool": pool,
        }
    )


if __name__ == "__main__":
    main()

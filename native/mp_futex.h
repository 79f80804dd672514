/*
 * Sleeping until a word of shared memory changes. Process-shared: the word may be mapped at
 * different addresses in different processes.
 */
#ifndef MP_FUTEX_H
#define MP_FUTEX_H

#include <stdint.h>
#include <time.h>

enum mp_futex_result {
  MP_FUTEX_WOKEN = 0, /* woken, spuriously too, or the word had another value already */
  MP_FUTEX_TIMED_OUT = 1,
  MP_FUTEX_INTERRUPTED = 2, /* a signal handler ran on this thread */
};

/* The moment `timeout` milliseconds from now on CLOCK_MONOTONIC. Negative or infinite means no
 * limit, which is a century: the kernel then still takes the path of a wait with a deadline.
 * Never waits; any thread. */
int mp_deadline_after(double timeout, struct timespec *deadline);

/* Blocks the calling thread, any thread, while `*word == expected`, until `deadline`. Returns
 * MP_FUTEX_INTERRUPTED on EINTR: the kernel restarts a wait without a deadline after an
 * SA_RESTART handler, but one with a deadline never, which is why there is always one. A handler
 * that ran before the sleep began is not noticed: who must know looks before it sleeps, and again
 * from time to time (mp_signals.h). SIGPROF waits until the sleep is over: a profiler
 * sends it every millisecond, and would let nobody sleep. */
int mp_futex_wait(int32_t *word, int32_t expected, const struct timespec *deadline,
                  enum mp_futex_result *result);

/* Wakes at most `count` sleepers of any process; `woken` says how many. Never waits. */
int mp_futex_wake(int32_t *word, int32_t count, int32_t *woken);

#endif

/*
 * A look at the signals that libuv's handler has caught and that the event loop has not heard of
 * yet. The handler writes a message for each into a pipe of the loop, which nobody reads while the
 * loop's thread is blocked. Looking takes none of them out.
 *
 * For the thread that runs the loop, because nobody else may read the pipe meanwhile. None of them
 * waits; EINTR is retried.
 */
#ifndef MP_SIGNALS_H
#define MP_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As many messages as a pipe of the usual size holds. */
enum { MP_MOST_SIGNALS = 4096 };

/* What libuv's handler writes, in one piece: uv__signal_msg_t. The handle lives at least as long as
 * the message is in the pipe. */
struct mp_signal {
  const void *handle;
  int number;
};

/* Whether these are the two ends of a pipe as libuv makes it: it is found by its place in a
 * structure, and another libuv might have something else there. */
bool mp_signals_is_pipe(const int ends[2]);

/* How many messages there are: one system call. */
int mp_signals_count(int pipe, uint32_t *count);

/* The messages, the oldest first, at most MP_MOST_SIGNALS of them. There may be fewer than were
 * counted, where the system allows its users small pipes only. Opens two descriptors and closes
 * them again. */
int mp_signals_peek(int pipe, struct mp_signal signals[MP_MOST_SIGNALS], size_t *count);

#endif

#include "mp_signals.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include "system_calls.h"

static bool is_end(int descriptor, int access) {
  if (fcntl(descriptor, F_GETPIPE_SZ) < 0) return false; /* fails for all that is no pipe */
  int flags = fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) == access && (flags & O_NONBLOCK) != 0;
}

bool mp_signals_is_pipe(const int ends[2]) {
  return is_end(ends[0], O_RDONLY) && is_end(ends[1], O_WRONLY);
}

int mp_signals_count(int pipe, uint32_t *count) {
  int bytes = 0;
  if (ioctl(pipe, FIONREAD, &bytes) < 0) return -errno;
  *count = (uint32_t)((size_t)bytes / sizeof(struct mp_signal));
  return 0;
}

/* Until it is empty: there is no end, because its other end is open. */
static int read_all(int pipe, struct mp_signal *signals, size_t *count) {
  while (*count < MP_MOST_SIGNALS) {
    ssize_t bytes = read(pipe, signals + *count, (MP_MOST_SIGNALS - *count) * sizeof *signals);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return errno == EAGAIN ? 0 : -errno;
    *count += (size_t)bytes / sizeof *signals;
  }
  return 0;
}

/* tee(2) puts the same bytes into another pipe, which may be emptied. */
int mp_signals_peek(int pipe, struct mp_signal signals[MP_MOST_SIGNALS], size_t *count) {
  int copy[2];
  if (pipe2(copy, O_NONBLOCK | O_CLOEXEC) < 0) return -errno;
  ssize_t copied;
  do {
    copied = tee(pipe, copy[1], sizeof(struct mp_signal) * MP_MOST_SIGNALS, SPLICE_F_NONBLOCK);
  } while (copied < 0 && errno == EINTR);
  *count = 0;
  int result = copied < 0 && errno != EAGAIN ? -errno : 0;
  if (copied > 0) result = read_all(copy[0], signals, count);
  (void)close(copy[0]); /* what is left there is still in the other */
  (void)close(copy[1]);
  return result;
}

#include "mp_futex.h"

#include <linux/futex.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

#include "system_calls.h"

static const double century = 100.0 * 365 * 24 * 3600 * 1000;
static const long nanoseconds_per_second = 1000000000L;

int mp_deadline_after(double timeout, struct timespec *deadline) {
  if (clock_gettime(CLOCK_MONOTONIC, deadline) < 0) return -errno;
  if (!(timeout >= 0 && timeout < century)) timeout = century;
  double seconds = floor(timeout / 1000);
  deadline->tv_sec += (time_t)seconds;
  deadline->tv_nsec += (long)((timeout - seconds * 1000) * 1e6);
  if (deadline->tv_nsec >= nanoseconds_per_second) {
    deadline->tv_nsec -= nanoseconds_per_second;
    deadline->tv_sec += 1;
  }
  return 0;
}

/* FUTEX_WAIT_BITSET is the one that takes an absolute deadline. Without FUTEX_PRIVATE_FLAG the
 * kernel finds the sleepers by file and offset, so other processes' mappings count. */
static int sleep_on(int32_t *word, int32_t expected, const struct timespec *deadline,
                    enum mp_futex_result *result) {
  long returned =
      syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, deadline, NULL, FUTEX_BITSET_MATCH_ANY);
  if (returned == 0 || errno == EAGAIN) {
    *result = MP_FUTEX_WOKEN;
  } else if (errno == ETIMEDOUT) {
    *result = MP_FUTEX_TIMED_OUT;
  } else if (errno == EINTR) {
    *result = MP_FUTEX_INTERRUPTED;
  } else {
    return -errno;
  }
  return 0;
}

int mp_futex_wait(int32_t *word, int32_t expected, const struct timespec *deadline,
                  enum mp_futex_result *result) {
  sigset_t unheeded; /* samples, and what Node handles for itself: another thread hears of them */
  sigset_t before;
  (void)sigemptyset(&unheeded); /* cannot fail, as the next four */
  (void)sigaddset(&unheeded, SIGPROF);
  (void)sigaddset(&unheeded, SIGCHLD);
  (void)sigaddset(&unheeded, SIGWINCH);
  (void)sigaddset(&unheeded, SIGVTALRM); /* tells this from a handler of SIGPROF */
  int error = pthread_sigmask(SIG_BLOCK, &unheeded, &before);
  if (error != 0) return -error;
  int waited = sleep_on(word, expected, deadline, result);
  error = pthread_sigmask(SIG_SETMASK, &before, NULL);
  return waited != 0 ? waited : -error;
}

int mp_futex_wake(int32_t *word, int32_t count, int32_t *woken) {
  long returned = syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
  if (returned < 0) return -errno;
  *woken = (int32_t)returned;
  return 0;
}

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/time.h>

#include "mp_futex.h"
#include "runner.h"

static enum mp_futex_result wait_for(int32_t *word, int32_t expected, double timeout) {
  struct timespec deadline;
  enum mp_futex_result result = MP_FUTEX_TIMED_OUT;
  EXPECT_EQUAL(mp_deadline_after(timeout, &deadline), 0);
  EXPECT_EQUAL(mp_futex_wait(word, expected, &deadline, &result), 0);
  return result;
}

static void wait_in_child(void *word) {
  EXPECT_EQUAL(wait_for(word, 0, -1), MP_FUTEX_WOKEN);
}

/* Nobody can see that another has fallen asleep, so wake until both have been counted. */
static void wakes_other_processes(void) {
  int32_t *word = shared_page();
  pid_t first = start_child(wait_in_child, word);
  pid_t second = start_child(wait_in_child, word);
  int32_t total = 0;
  while (total < 2) {
    int32_t woken = 0;
    EXPECT_EQUAL(mp_futex_wake(word, 1, &woken), 0);
    EXPECT(woken <= 1);
    total += woken;
  }
  EXPECT_EQUAL(end_of(first), 0);
  EXPECT_EQUAL(end_of(second), 0);
}

static void does_not_sleep_on_another_value(void) {
  int32_t word = 7;
  EXPECT_EQUAL(wait_for(&word, 6, INFINITY), MP_FUTEX_WOKEN);
}

static void keeps_its_deadline(void) {
  int32_t word = 0;
  double start = now_in_milliseconds();
  EXPECT_EQUAL(wait_for(&word, 0, 20.5), MP_FUTEX_TIMED_OUT);
  EXPECT(now_in_milliseconds() - start >= 20.5);
  EXPECT_EQUAL(wait_for(&word, 0, 0), MP_FUTEX_TIMED_OUT);
}

static void no_limit_is_far_away(void) {
  struct timespec now;
  struct timespec deadline;
  const double unlimited[] = {-1, -0.5, INFINITY, NAN, 1e300};
  EXPECT_EQUAL(clock_gettime(CLOCK_MONOTONIC, &now), 0);
  for (size_t i = 0; i < sizeof unlimited / sizeof unlimited[0]; i++) {
    EXPECT_EQUAL(mp_deadline_after(unlimited[i], &deadline), 0);
    EXPECT(deadline.tv_sec - now.tv_sec > 365L * 24 * 3600);
  }
  for (double timeout = 0; timeout < 3000; timeout += 0.7) {
    EXPECT_EQUAL(mp_deadline_after(timeout, &deadline), 0);
    EXPECT(deadline.tv_nsec >= 0 && deadline.tv_nsec < 1000000000L);
  }
}

static volatile sig_atomic_t handled;

static void handle(int signal) {
  handled = signal;
}

/* libuv installs its handlers with SA_RESTART, so this is what a wait in Node meets. */
static void is_interrupted_by_a_handler(void) {
  int32_t word = 0;
  struct sigaction action;
  struct sigaction before;
  const struct itimerval soon = {.it_value = {.tv_usec = 20000}};
  memset(&action, 0, sizeof action);
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART;
  EXPECT_EQUAL(sigaction(SIGALRM, &action, &before), 0);
  handled = 0;
  EXPECT_EQUAL(setitimer(ITIMER_REAL, &soon, NULL), 0);
  EXPECT_EQUAL(wait_for(&word, 0, -1), MP_FUTEX_INTERRUPTED);
  sleep_milliseconds(1); /* the thread sanitizer holds handlers back until the next library call */
  EXPECT_EQUAL(handled, SIGALRM);
  EXPECT_EQUAL(sigaction(SIGALRM, &before, NULL), 0);
}

static void refuses_bad_addresses(void) {
  struct timespec deadline;
  enum mp_futex_result result;
  int32_t words[2] = {0, 0};
  int32_t *misplaced = (int32_t *)((char *)words + 1);
  EXPECT_EQUAL(mp_deadline_after(0, &deadline), 0);
  EXPECT_EQUAL(mp_futex_wait(misplaced, 0, &deadline, &result), -EINVAL);
  EXPECT_EQUAL(mp_futex_wait(NULL, 0, &deadline, &result), -EFAULT);
}

TEST_FILE(futex_tests, "futex", {"sleepers in other processes are woken", wakes_other_processes},
          {"another value is no reason to sleep", does_not_sleep_on_another_value},
          {"a wait ends at its deadline", keeps_its_deadline},
          {"no limit means a time far away", no_limit_is_far_away},
          {"a signal handler ends the wait", is_interrupted_by_a_handler},
          {"bad addresses are refused", refuses_bad_addresses});

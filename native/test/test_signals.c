#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "mp_signals.h"
#include "runner.h"

/* As libuv's handler does. */
static bool catch_signal(int pipe, int signal) {
  struct mp_signal message;
  memset(&message, 0, sizeof message);
  message.handle = &message;
  message.number = signal;
  return write(pipe, &message, sizeof message) == (ssize_t)sizeof message;
}

static void close_ends(const int ends[2]) {
  EXPECT_EQUAL(close(ends[0]), 0);
  EXPECT_EQUAL(close(ends[1]), 0);
}

static uint32_t count_in(int pipe) {
  uint32_t count = 77;
  EXPECT_EQUAL(mp_signals_count(pipe, &count), 0);
  return count;
}

static void sees_without_taking(void) {
  static struct mp_signal signals[MP_MOST_SIGNALS];
  size_t count = 77;
  int ends[2];
  EXPECT_EQUAL(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
  EXPECT_EQUAL(count_in(ends[0]), 0);
  EXPECT_EQUAL(mp_signals_peek(ends[0], signals, &count), 0);
  EXPECT_EQUAL(count, 0);
  for (int signal = 1; signal <= 40; signal++) {
    EXPECT(catch_signal(ends[1], signal));
    EXPECT_EQUAL(count_in(ends[0]), (uint32_t)signal);
    EXPECT_EQUAL(mp_signals_peek(ends[0], signals, &count), 0);
    EXPECT_EQUAL(count, (size_t)signal);
    EXPECT_EQUAL(signals[0].number, 1);
    EXPECT_EQUAL(signals[signal - 1].number, signal);
  }
  char taken[40 * 16 + 1];
  EXPECT_EQUAL(read(ends[0], taken, sizeof taken), 40 * 16);
  close_ends(ends);
}

static void sees_all_of_a_full_pipe(void) {
  static struct mp_signal signals[MP_MOST_SIGNALS];
  uint32_t written = 0;
  size_t count = 0;
  int ends[2];
  EXPECT_EQUAL(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
  while (catch_signal(ends[1], 10)) written++;
  EXPECT_EQUAL(errno, EAGAIN);
  EXPECT_EQUAL(count_in(ends[0]), written);
  EXPECT_EQUAL(mp_signals_peek(ends[0], signals, &count), 0);
  EXPECT_EQUAL(count, written);
  EXPECT_EQUAL(signals[count - 1].number, 10);
  close_ends(ends);
}

static void knows_such_a_pipe(void) {
  int ends[2];
  int waiting[2];
  int sockets[2];
  EXPECT_EQUAL(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
  EXPECT_EQUAL(pipe2(waiting, O_CLOEXEC), 0);
  EXPECT(mp_signals_is_pipe(ends));
  EXPECT(!mp_signals_is_pipe(waiting));
  EXPECT(!mp_signals_is_pipe((const int[]){ends[1], ends[0]}));
  EXPECT(!mp_signals_is_pipe((const int[]){-1, -1}));
  sockets[0] = sockets[1] = open("/dev/null", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  EXPECT(sockets[0] >= 0 && !mp_signals_is_pipe(sockets));
  EXPECT_EQUAL(close(sockets[0]), 0);
  close_ends(waiting);
  close_ends(ends);
}

static void refuses_what_is_no_pipe(void) {
  static struct mp_signal signals[MP_MOST_SIGNALS];
  uint32_t count;
  size_t peeked;
  EXPECT_EQUAL(mp_signals_count(-1, &count), -EBADF);
  EXPECT_EQUAL(mp_signals_peek(-1, signals, &peeked), -EBADF);
}

TEST_FILE(signals_tests, "signals", {"they are seen and stay where they are", sees_without_taking},
          {"all of a full pipe are seen", sees_all_of_a_full_pipe},
          {"a pipe of libuv's is told from others", knows_such_a_pipe},
          {"what is no pipe is refused", refuses_what_is_no_pipe});

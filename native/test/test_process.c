#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "mp_process.h"
#include "runner.h"

static void wait_for_signal(void *argument) {
  (void)argument;
  for (;;) (void)pause(); /* until killed */
}

static void leave(void *code) {
  mp_exit_now(*(int *)code);
}

static int watch(pid_t child) {
  int pidfd = -1;
  EXPECT_EQUAL(mp_pidfd_open(child, &pidfd), 0);
  return pidfd;
}

static void wait_until_ended(int pidfd) {
  bool ended = false;
  while (!ended) {
    EXPECT_EQUAL(mp_pidfd_is_ended(pidfd, &ended), 0);
    if (!ended) sleep_milliseconds(1);
  }
}

static void tells_the_exit_code(void) {
  int code = 42;
  struct mp_exit end;
  int pidfd = watch(start_child(leave, &code));
  wait_until_ended(pidfd);
  EXPECT_EQUAL(mp_pidfd_wait(pidfd, &end), 0);
  EXPECT(end.ended);
  EXPECT_EQUAL(end.exit_code, 42);
  EXPECT_EQUAL(end.signal, 0);
  EXPECT_EQUAL(mp_pidfd_wait(pidfd, &end), -ECHILD);
  EXPECT_EQUAL(mp_pidfd_signal(pidfd, 0), -ESRCH);
  EXPECT_EQUAL(mp_descriptor_close(pidfd), 0);
}

static void tells_the_signal(void) {
  struct mp_exit end;
  bool ended = true;
  int pidfd = watch(start_child(wait_for_signal, NULL));
  EXPECT(is_close_on_exec(pidfd));
  EXPECT_EQUAL(mp_pidfd_is_ended(pidfd, &ended), 0);
  EXPECT(!ended);
  EXPECT_EQUAL(mp_pidfd_wait(pidfd, &end), 0);
  EXPECT(!end.ended);
  EXPECT_EQUAL(mp_pidfd_signal(pidfd, SIGKILL), 0);
  wait_until_ended(pidfd);
  EXPECT_EQUAL(mp_pidfd_signal(pidfd, SIGTERM), 0); /* a zombie still takes signals */
  EXPECT_EQUAL(mp_pidfd_wait(pidfd, &end), 0);
  EXPECT(end.ended);
  EXPECT_EQUAL(end.exit_code, -1);
  EXPECT_EQUAL(end.signal, SIGKILL);
  EXPECT_EQUAL(mp_descriptor_close(pidfd), 0);
}

static void refuses_what_is_no_process(void) {
  int code = 0;
  int pidfd = -1;
  bool ended;
  pid_t child = start_child(leave, &code);
  EXPECT_EQUAL(end_of(child), 0);
  EXPECT_EQUAL(mp_pidfd_open(child, &pidfd), -ESRCH);
  EXPECT_EQUAL(mp_pidfd_is_ended(-1, &ended), -EBADF);
  EXPECT_EQUAL(mp_pidfd_is_ended(1000, &ended), -EBADF);
  EXPECT_EQUAL(mp_pidfd_signal(STDIN_FILENO, 0), -EBADF);
}

static void leave_after(void *pidfd) {
  EXPECT_EQUAL(mp_exit_after(pidfd, 1), 0);
  exit(7);
}

static void leaves_after_others(void) {
  bool ended = true;
  pid_t other = start_child(wait_for_signal, NULL);
  int pidfd = watch(other);
  int leaving = watch(start_child(leave_after, &pidfd));
  sleep_milliseconds(20); /* it would leave within these */
  EXPECT_EQUAL(mp_pidfd_is_ended(leaving, &ended), 0);
  EXPECT(!ended);
  EXPECT_EQUAL(mp_pidfd_signal(pidfd, SIGKILL), 0);
  wait_until_ended(leaving);
  struct mp_exit end;
  EXPECT_EQUAL(mp_pidfd_wait(leaving, &end), 0);
  EXPECT_EQUAL(end.exit_code, 7);
  EXPECT_EQUAL(mp_pidfd_wait(pidfd, &end), 0);
  EXPECT_EQUAL(mp_descriptor_close(leaving), 0);
  EXPECT_EQUAL(mp_descriptor_close(pidfd), 0);
}

static void numbers_threads_as_the_kernel_does(void) {
  EXPECT_EQUAL(mp_thread_id(), getpid()); /* of the main thread */
}

TEST_FILE(process_tests, "process", {"the exit code is told once", tells_the_exit_code},
          {"the signal is told", tells_the_signal},
          {"what is no process is refused", refuses_what_is_no_process},
          {"who leaves waits for others first", leaves_after_others},
          {"the main thread has the process's number", numbers_threads_as_the_kernel_does});

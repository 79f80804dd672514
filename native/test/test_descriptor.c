#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "runner.h"

static void close_both(int sockets[2]) {
  EXPECT_EQUAL(mp_descriptor_close(sockets[0]), 0);
  EXPECT_EQUAL(mp_descriptor_close(sockets[1]), 0);
}

static void send_in_child(void *argument) {
  int *sockets = argument;
  int ends[2];
  EXPECT_EQUAL(pipe2(ends, O_CLOEXEC), 0);
  EXPECT_EQUAL(write(ends[1], "through", 8), 8);
  EXPECT_EQUAL(mp_descriptor_send(sockets[1], ends[0], 77), 0);
}

static void passes_to_another_process(void) {
  int sockets[2];
  int received = -1;
  uint8_t byte = 0;
  bool ended = true;
  char text[8] = "";
  EXPECT_EQUAL(mp_socket_pair(sockets), 0);
  EXPECT(is_close_on_exec(sockets[0]) && is_close_on_exec(sockets[1]));
  EXPECT_EQUAL(end_of(start_child(send_in_child, sockets)), 0);
  EXPECT_EQUAL(mp_descriptor_receive(sockets[0], &received, &byte, &ended), 0);
  EXPECT(!ended && received >= 0 && is_close_on_exec(received));
  EXPECT_EQUAL(byte, 77);
  EXPECT_EQUAL(read(received, text, sizeof text), 8); /* the sender is gone, the pipe is not */
  EXPECT(strcmp(text, "through") == 0);
  EXPECT_EQUAL(mp_descriptor_close(received), 0);
  close_both(sockets);
}

static void tells_the_end_of_file(void) {
  int sockets[2];
  int received = 0;
  uint8_t byte = 0;
  bool ended = true;
  EXPECT_EQUAL(mp_socket_pair(sockets), 0);
  EXPECT_EQUAL(write(sockets[1], "x", 1), 1);
  EXPECT_EQUAL(mp_descriptor_close(sockets[1]), 0);
  EXPECT_EQUAL(mp_descriptor_receive(sockets[0], &received, &byte, &ended), 0);
  EXPECT(!ended && received == -1 && byte == 'x'); /* a byte on its own */
  EXPECT_EQUAL(mp_descriptor_receive(sockets[0], &received, &byte, &ended), 0);
  EXPECT(ended && received == -1);
  EXPECT_EQUAL(mp_descriptor_send(sockets[0], sockets[0], 1), -EPIPE);
  EXPECT_EQUAL(mp_descriptor_close(sockets[0]), 0);
}

/* Three in one message, as only a stranger would send: the runner counts what stays open. */
static void surplus_descriptors_are_closed(void) {
  int sockets[2];
  int received = -1;
  uint8_t byte = 0;
  bool ended = true;
  int sent[3] = {0, 1, 2};
  struct iovec part = {.iov_base = "z", .iov_len = 1};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof sent)] = {0};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  *header = (struct cmsghdr){
      .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof sent)};
  memcpy(CMSG_DATA(header), sent, sizeof sent);
  EXPECT_EQUAL(mp_socket_pair(sockets), 0);
  EXPECT_EQUAL(sendmsg(sockets[1], &message, 0), 1);
  EXPECT_EQUAL(mp_descriptor_receive(sockets[0], &received, &byte, &ended), 0);
  EXPECT(received >= 0);
  EXPECT_EQUAL(mp_descriptor_close(received), 0);
  close_both(sockets);
}

static void moves_bytes(void) {
  int sockets[2];
  char text[16] = "";
  size_t moved = 0;
  short ready = 1;
  EXPECT_EQUAL(mp_socket_pair(sockets), 0);
  EXPECT_EQUAL(mp_descriptor_poll(sockets[0], POLLIN, 1.5, &ready), 0);
  EXPECT_EQUAL(ready, 0);
  EXPECT_EQUAL(mp_descriptor_write(sockets[1], "hello", 6, &moved), 0);
  EXPECT_EQUAL(moved, 6);
  EXPECT_EQUAL(mp_descriptor_poll(sockets[0], POLLIN | POLLOUT, -1, &ready), 0);
  EXPECT_EQUAL(ready, POLLIN | POLLOUT);
  EXPECT_EQUAL(mp_descriptor_read(sockets[0], text, sizeof text, &moved), 0);
  EXPECT(moved == 6 && strcmp(text, "hello") == 0);
  EXPECT_EQUAL(fcntl(sockets[0], F_SETFL, O_NONBLOCK), 0);
  EXPECT_EQUAL(mp_descriptor_read(sockets[0], text, sizeof text, &moved), -EAGAIN);
  EXPECT_EQUAL(mp_descriptor_close(sockets[1]), 0);
  EXPECT_EQUAL(mp_descriptor_read(sockets[0], text, sizeof text, &moved), 0);
  EXPECT_EQUAL(moved, 0);
  EXPECT_EQUAL(mp_descriptor_write(sockets[0], "x", 1, &moved), -EPIPE);
  EXPECT_EQUAL(mp_descriptor_close(sockets[0]), 0);
}

static void handle(int signal) {
  (void)signal;
}

static void polling_ends_at_a_signal(void) {
  int sockets[2];
  short ready = 0;
  const struct itimerval soon = {.it_value = {.tv_usec = 20000}};
  EXPECT(signal(SIGALRM, handle) != SIG_ERR); /* installs with SA_RESTART */
  EXPECT_EQUAL(mp_socket_pair(sockets), 0);
  EXPECT_EQUAL(setitimer(ITIMER_REAL, &soon, NULL), 0);
  EXPECT_EQUAL(mp_descriptor_poll(sockets[0], POLLIN, -1, &ready), -EINTR);
  EXPECT(signal(SIGALRM, SIG_DFL) == handle);
  close_both(sockets);
}

static void polling_does_not_end_at_a_profilers_signal(void) {
  int sockets[2];
  short ready = 1;
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGPROF};
  const struct itimerspec soon = {.it_value = {.tv_nsec = 20000000}};
  EXPECT(signal(SIGPROF, handle) != SIG_ERR);
  EXPECT_EQUAL(mp_socket_pair(sockets), 0);
  EXPECT_EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
  EXPECT_EQUAL(timer_settime(timer, 0, &soon, NULL), 0);
  EXPECT_EQUAL(mp_descriptor_poll(sockets[0], POLLIN, 60, &ready), 0);
  EXPECT_EQUAL(ready, 0);
  EXPECT_EQUAL(timer_delete(timer), 0);
  EXPECT(signal(SIGPROF, SIG_DFL) == handle);
  close_both(sockets);
}

static void duplicates_stay_private(void) {
  int duplicate = -1;
  short ready = 0;
  EXPECT_EQUAL(mp_descriptor_duplicate(STDERR_FILENO, &duplicate), 0);
  EXPECT(duplicate > STDERR_FILENO && is_close_on_exec(duplicate));
  EXPECT_EQUAL(mp_descriptor_set_close_on_exec(duplicate, false), 0);
  EXPECT(!is_close_on_exec(duplicate));
  EXPECT_EQUAL(mp_descriptor_set_close_on_exec(duplicate, true), 0);
  EXPECT(is_close_on_exec(duplicate));
  EXPECT_EQUAL(mp_descriptor_close(duplicate), 0);
  EXPECT_EQUAL(mp_descriptor_close(duplicate), -EBADF);
  EXPECT_EQUAL(mp_descriptor_duplicate(duplicate, &duplicate), -EBADF);
  EXPECT_EQUAL(mp_descriptor_poll(duplicate, POLLIN, 0, &ready), -EBADF);
  EXPECT_EQUAL(mp_descriptor_poll(-1, POLLIN, -1, &ready), -EBADF);
}

TEST_FILE(descriptor_tests, "descriptor",
          {"a descriptor reaches another process", passes_to_another_process},
          {"the end of file is told", tells_the_end_of_file},
          {"surplus descriptors are closed", surplus_descriptors_are_closed},
          {"bytes move as in a file", moves_bytes},
          {"a signal ends polling", polling_ends_at_a_signal},
          {"a profiler's does not", polling_does_not_end_at_a_profilers_signal},
          {"duplicates are not inherited", duplicates_stay_private});

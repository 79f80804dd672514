#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "mp_socket.h"
#include "runner.h"

static bool blocks(int socket) {
  return (fcntl(socket, F_GETFL) & O_NONBLOCK) == 0;
}

static void close_all(const int *sockets, size_t count) {
  for (size_t i = 0; i < count; i++) EXPECT_EQUAL(mp_descriptor_close(sockets[i]), 0);
}

/* A listener at a free port of this machine, or under a name made of this process's number. */
static int listen_at(int family, struct mp_address *address) {
  int listener = -1;
  int failure = -1;
  if (family == AF_UNIX) {
    char name[32] = "";
    int length = snprintf(name + 1, sizeof name - 1, "mp-test-%d", (int)getpid());
    EXPECT_EQUAL(mp_address_of_path(name, (size_t)length + 1, address), 0);
  } else {
    EXPECT_EQUAL(mp_address_resolve(family, "127.0.0.1", 0, true, address, &failure), 0);
    EXPECT_EQUAL(failure, 0);
  }
  EXPECT_EQUAL(mp_socket_listen(address, 1, &listener), 0);
  EXPECT_EQUAL(mp_socket_address(listener, address), 0);
  EXPECT(is_close_on_exec(listener) && !blocks(listener));
  return listener;
}

static int connect_to(const struct mp_address *address) {
  int connected = -1;
  int result = mp_socket_connect(address, &connected);
  if (result == -EINPROGRESS) {
    short ready = 0;
    EXPECT_EQUAL(mp_descriptor_poll(connected, POLLOUT, 5000, &ready), 0);
    result = mp_socket_connected(connected);
  }
  EXPECT_EQUAL(result, 0);
  EXPECT(is_close_on_exec(connected) && blocks(connected));
  return connected;
}

static void exchange(int family) {
  struct mp_address address;
  struct mp_address peer;
  int accepted = -1;
  short ready = 0;
  size_t moved = 0;
  char text[8] = "";
  int listener = listen_at(family, &address);
  EXPECT_EQUAL(mp_socket_accept(listener, &accepted, &peer), -EAGAIN);
  int connected = connect_to(&address);
  EXPECT_EQUAL(mp_descriptor_poll(listener, POLLIN, 5000, &ready), 0);
  EXPECT_EQUAL(mp_socket_accept(listener, &accepted, &peer), 0);
  EXPECT_EQUAL(peer.storage.ss_family, family);
  EXPECT(is_close_on_exec(accepted) && blocks(accepted));
  EXPECT_EQUAL(mp_socket_receive(accepted, text, sizeof text, &moved), -EAGAIN);
  EXPECT_EQUAL(mp_socket_send(connected, "through", 8, &moved), 0);
  EXPECT_EQUAL(moved, 8);
  EXPECT_EQUAL(mp_descriptor_poll(accepted, POLLIN, 5000, &ready), 0);
  EXPECT_EQUAL(mp_socket_receive(accepted, text, sizeof text, &moved), 0);
  EXPECT(moved == 8 && strcmp(text, "through") == 0);
  EXPECT_EQUAL(mp_descriptor_close(connected), 0);
  EXPECT_EQUAL(mp_descriptor_poll(accepted, POLLIN, 5000, &ready), 0);
  EXPECT_EQUAL(mp_socket_receive(accepted, text, sizeof text, &moved), 0);
  EXPECT_EQUAL(moved, 0);
  close_all((int[]){accepted, listener}, 2);
}

static void connects_hosts(void) {
  exchange(AF_INET);
}

static void connects_names(void) {
  exchange(AF_UNIX);
}

static void sends_small_frames_at_once(void) {
  struct mp_address address;
  int on = 0;
  socklen_t length = sizeof on;
  int listener = listen_at(AF_INET, &address);
  int connected = connect_to(&address);
  EXPECT_EQUAL(getsockopt(connected, IPPROTO_TCP, TCP_NODELAY, &on, &length), 0);
  EXPECT(on != 0);
  close_all((int[]){connected, listener}, 2);
}

static void tells_what_the_system_says(void) {
  struct mp_address address;
  int second = -1;
  size_t moved = 0;
  int listener = listen_at(AF_UNIX, &address);
  EXPECT_EQUAL(mp_socket_listen(&address, 1, &second), -EADDRINUSE);
  int connected[4] = {connect_to(&address), connect_to(&address), -1, -1};
  EXPECT_EQUAL(mp_socket_connect(&address, &connected[2]), -EAGAIN); /* the queue is full */
  EXPECT_EQUAL(mp_descriptor_close(listener), 0);
  EXPECT_EQUAL(mp_socket_connect(&address, &connected[2]), -ECONNREFUSED);
  void (*before)(int) = signal(SIGPIPE, SIG_DFL);
  EXPECT_EQUAL(mp_socket_send(connected[0], "x", 1, &moved), -EPIPE); /* and no signal */
  EXPECT(signal(SIGPIPE, before) == SIG_DFL);
  close_all(connected, 2);
  listener = listen_at(AF_INET, &address);
  EXPECT_EQUAL(mp_descriptor_close(listener), 0);
  int result = mp_socket_connect(&address, &second);
  if (result == -EINPROGRESS) {
    short ready = 0;
    EXPECT_EQUAL(mp_descriptor_poll(second, POLLOUT, 5000, &ready), 0);
    result = mp_socket_connected(second);
    EXPECT_EQUAL(mp_descriptor_close(second), 0);
  }
  EXPECT_EQUAL(result, -ECONNREFUSED);
}

static void knows_paths(void) {
  struct mp_address address;
  size_t length = 0;
  char path[120];
  memset(path, 'p', sizeof path);
  EXPECT_EQUAL(mp_address_of_path(path, 107, &address), 0);
  const char *found = mp_address_path(&address, &length);
  EXPECT(length == 107 && memcmp(found, path, 107) == 0);
  EXPECT_EQUAL(mp_address_of_path(path, 108, &address), -ENAMETOOLONG);
  path[0] = '\0';
  EXPECT_EQUAL(mp_address_of_path(path, 108, &address), 0);
  (void)mp_address_path(&address, &length);
  EXPECT_EQUAL(length, 108);
  EXPECT_EQUAL(mp_address_of_path(path, 109, &address), -ENAMETOOLONG);
  EXPECT_EQUAL(mp_address_of_path("a\0b", 3, &address), -EINVAL);
  EXPECT_EQUAL(mp_address_of_path("", 0, &address), -EINVAL);
  address.length = sizeof(sa_family_t); /* as getpeername says of a peer without a name */
  (void)mp_address_path(&address, &length);
  EXPECT_EQUAL(length, 0);
}

static void knows_hosts(void) {
  struct mp_address address;
  char host[MP_HOST_LENGTH];
  uint16_t port = 0;
  int failure = 0;
  size_t length = 0;
  EXPECT_EQUAL(mp_address_resolve(AF_INET6, "::1", 80, true, &address, &failure), 0);
  EXPECT_EQUAL(mp_address_numbers(&address, host, &port), 0);
  EXPECT(failure == 0 && strcmp(host, "::1") == 0 && port == 80);
  EXPECT(mp_address_path(&address, &length) == NULL);
  EXPECT_EQUAL(mp_address_resolve(AF_INET, "", 65535, true, &address, &failure), 0);
  EXPECT_EQUAL(mp_address_numbers(&address, host, &port), 0);
  EXPECT(failure == 0 && strcmp(host, "0.0.0.0") == 0 && port == 65535);
  EXPECT_EQUAL(mp_address_resolve(AF_INET, "localhost", 1, true, &address, &failure), 0);
  EXPECT(failure != 0); /* not a number */
  EXPECT_EQUAL(mp_address_of_path("p", 1, &address), 0);
  EXPECT_EQUAL(mp_address_numbers(&address, host, &port), -EAFNOSUPPORT);
}

TEST_FILE(socket_tests, "socket", {"connects hosts", connects_hosts},
          {"connects names", connects_names},
          {"sends small frames at once", sends_small_frames_at_once},
          {"tells what the system says", tells_what_the_system_says}, {"knows paths", knows_paths},
          {"knows hosts", knows_hosts});

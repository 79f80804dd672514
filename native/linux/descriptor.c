#include "mp_descriptor.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>

#include "control.h"
#include "system_calls.h"

int mp_descriptor_close(int descriptor) {
  return close(descriptor) < 0 && errno != EINTR ? -errno : 0;
}

int mp_descriptor_duplicate(int descriptor, int *duplicate) {
  int made = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (made < 0) return -errno;
  *duplicate = made;
  return 0;
}

int mp_descriptor_set_close_on_exec(int descriptor, bool on) {
  return mp_result(fcntl(descriptor, F_SETFD, on ? FD_CLOEXEC : 0));
}

int mp_descriptor_reserve(int *place) {
  int made = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (made < 0) return -errno;
  *place = made;
  return 0;
}

/* Asked of an epoll set that nobody else sees. */
static int can_be_watched(int descriptor) {
  struct epoll_event event = {.events = EPOLLIN};
  int set = epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) return -errno;
  int error = mp_result(epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event));
  (void)mp_descriptor_close(set); /* nothing is buffered in it */
  return error;
}

int mp_descriptor_occupy(int place, int descriptor) {
  int error = can_be_watched(descriptor);
  if (error < 0) return error;
  int result;
  do {
    result = dup3(descriptor, place, O_CLOEXEC);
  } while (result < 0 && errno == EINTR);
  return mp_result(result);
}

int mp_socket_pair(int sockets[2]) {
  return mp_result(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets));
}

/* The end of the wait is kept as a deadline nowhere: an interrupted poll is the caller's to
 * repeat, because only the caller knows whether the signal ends the wait. */
int mp_descriptor_poll(int descriptor, short events, double timeout, short *ready) {
  if (descriptor < 0) return -EBADF; /* poll would ignore it, and wait all the same */
  struct pollfd entry = {.fd = descriptor, .events = events};
  int count;
  int error = mp_descriptors_poll(&entry, 1, timeout, &count);
  if (error < 0) return error;
  if (entry.revents & POLLNVAL) return -EBADF;
  *ready = count == 0 ? 0 : entry.revents;
  return 0;
}

int mp_descriptor_read(int descriptor, void *bytes, size_t length, size_t *moved) {
  ssize_t returned;
  do {
    returned = read(descriptor, bytes, length);
  } while (returned < 0 && errno == EINTR);
  if (returned < 0) return -errno;
  *moved = (size_t)returned;
  return 0;
}

int mp_descriptor_write(int descriptor, const void *bytes, size_t length, size_t *moved) {
  ssize_t returned;
  do {
    returned = write(descriptor, bytes, length);
  } while (returned < 0 && errno == EINTR);
  if (returned < 0) return -errno;
  *moved = (size_t)returned;
  return 0;
}

int mp_descriptor_replace(int descriptor, int target) {
  int source = descriptor < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : descriptor;
  if (source < 0) return -errno;
  int result;
  do {
    result = source == target ? fcntl(target, F_SETFD, 0) : dup2(source, target);
  } while (result < 0 && errno == EINTR);
  int error = result < 0 ? -errno : 0;
  if (descriptor < 0 && source != target) (void)mp_descriptor_close(source); /* `target` has it */
  return error;
}

int mp_descriptors_poll(struct pollfd *entries, size_t count, double timeout, int *ready) {
  struct timespec limit = {.tv_sec = (time_t)(timeout / 1e3),
                           .tv_nsec = (long)(fmod(timeout, 1e3) * 1e6)};
  bool is_bounded = timeout >= 0 && timeout < 1e12;
  sigset_t blocked;
  int error = pthread_sigmask(SIG_SETMASK, NULL, &blocked);
  if (error != 0) return -error;
  (void)sigaddset(&blocked, SIGPROF);   /* cannot fail, as the next one */
  (void)sigaddset(&blocked, SIGVTALRM); /* tells this from a handler of SIGPROF */
  *ready = ppoll(entries, (nfds_t)count, is_bounded ? &limit : NULL, &blocked);
  return *ready < 0 ? -errno : 0;
}

/* Descriptors travel with a byte: a stream socket drops control data that comes without any. */
int mp_descriptor_send(int socket, int descriptor, uint8_t byte) {
  struct iovec part = {.iov_base = &byte, .iov_len = 1};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  mp_attach_descriptors(&message, control, &descriptor, 1);
  ssize_t sent;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return mp_result(sent);
}

int mp_descriptor_receive(int socket, int *descriptor, uint8_t *byte, bool *ended) {
  struct iovec part = {.iov_base = byte, .iov_len = 1};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * MP_MOST_DESCRIPTORS)];
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t received;
  do {
    received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;
  *ended = received == 0;
  *descriptor = mp_control_of(&message).descriptor;
  return 0;
}

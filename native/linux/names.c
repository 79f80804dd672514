#include "mp_names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "arena_id.h"
#include "system_calls.h"

enum { PATIENCE_SECONDS = 5 };

/* An abstract name is exactly as long as the address says. */
static socklen_t address_of(const char *arena, struct sockaddr_un *address) {
  address->sun_family = AF_UNIX;
  address->sun_path[0] = '\0';
  int length =
      snprintf(address->sun_path + 1, sizeof address->sun_path - 1, "polyprocess/%s/names", arena);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

static int send_message(int socket, const char *arena, const char *message) {
  const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  if (setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0) return -errno;
  struct sockaddr_un address;
  socklen_t length = address_of(arena, &address);
  ssize_t sent;
  do {
    sent =
        sendto(socket, message, strlen(message), MSG_NOSIGNAL, (struct sockaddr *)&address, length);
  } while (sent < 0 && errno == EINTR);
  return mp_result(sent);
}

/* A socket for each message: they are few, and what is not kept need not be looked after. */
int mp_names_tell(const char *arena, const char *message) {
  if (!mp_is_arena_id(arena) || strlen(message) >= MP_NAMES_MESSAGE) return -EINVAL;
  int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (made < 0) return -errno;
  int error = send_message(made, arena, message);
  (void)close(made); /* what was sent is in the tracker's queue */
  return error;
}

static int bind_to(int socket, const char *arena) {
  const int on = 1;
  if (setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) return -errno;
  struct sockaddr_un address;
  socklen_t length = address_of(arena, &address);
  return mp_result(bind(socket, (struct sockaddr *)&address, length));
}

int mp_names_listen(const char *arena, int *socket_out) {
  if (!mp_is_arena_id(arena)) return -EINVAL;
  int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) return -errno;
  int error = bind_to(made, arena);
  if (error < 0) (void)close(made); /* nobody has sent anything to it */
  else *socket_out = made;
  return error;
}

/* Abstract names have no permissions: anybody on the machine may send. */
static bool is_ours(struct msghdr *header) {
  struct cmsghdr *control = CMSG_FIRSTHDR(header);
  if (control == NULL || control->cmsg_level != SOL_SOCKET) return false;
  if (control->cmsg_type != SCM_CREDENTIALS) return false;
  struct ucred sender;
  memcpy(&sender, CMSG_DATA(control), sizeof sender);
  return sender.uid == getuid();
}

int mp_names_receive(int socket, char message[MP_NAMES_MESSAGE]) {
  for (;;) {
    union {
      struct cmsghdr header; /* for its alignment */
      char space[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec bytes = {.iov_base = message, .iov_len = MP_NAMES_MESSAGE - 1};
    struct msghdr header = {.msg_iov = &bytes,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control};
    ssize_t taken = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) return -errno;
    if ((header.msg_flags & MSG_TRUNC) != 0 || !is_ours(&header)) continue;
    message[taken] = '\0';
    return 0;
  }
}

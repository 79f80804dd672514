#include "mp_names.h"

#include <string.h>
#include <sys/time.h>

#include "arena_id.h"
#include "control.h"
#include "system_calls.h"

#define NAME "names"

enum { PATIENCE_SECONDS = 5 };

static int send_message(int socket, const char *arena, const char *message) {
  const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  if (setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0) return -errno;
  struct sockaddr_un address;
  socklen_t length = mp_arena_address(arena, NAME, &address);
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

int mp_names_listen(const char *arena, int *socket_out) {
  if (!mp_is_arena_id(arena)) return -EINVAL;
  struct sockaddr_un address;
  socklen_t length = mp_arena_address(arena, NAME, &address);
  return mp_listen_datagrams(&address, length, socket_out);
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
    if ((header.msg_flags & MSG_TRUNC) != 0 || !mp_control_of(&header).is_ours) continue;
    message[taken] = '\0';
    return 0;
  }
}

#include <poll.h>
#include <string.h>
#include <sys/time.h>

#include "keeper_messages.h"
#include "mp_descriptor.h"
#include "system_calls.h"

enum { PATIENCE_SECONDS = 5 };

/* To an address, or over a connected socket without one. `descriptor` is -1 for none. */
static int send_with(int socket, struct msghdr *message, int descriptor, int flags) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
  if (descriptor >= 0) {
    message->msg_control = control;
    message->msg_controllen = sizeof control;
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  ssize_t sent;
  do {
    sent = sendmsg(socket, message, MSG_NOSIGNAL | flags);
  } while (sent < 0 && errno == EINTR);
  return mp_result(sent);
}

int mp_keeper_answer(int socket, int descriptor) {
  uint8_t byte = descriptor >= 0;
  struct iovec part = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  return send_with(socket, &message, descriptor, MSG_DONTWAIT);
}

static int send_message(int socket, const char *arena, const struct mp_keeper_message *message,
                        int descriptor) {
  const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  if (setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0) return -errno;
  struct sockaddr_un address;
  struct iovec part = {.iov_base = (void *)message, .iov_len = sizeof *message};
  struct msghdr header = {.msg_name = &address,
                          .msg_namelen = mp_keeper_address(arena, &address),
                          .msg_iov = &part,
                          .msg_iovlen = 1};
  int error = send_with(socket, &header, descriptor, 0);
  return error == -EAGAIN ? -ETIMEDOUT : error;
}

/* A socket for each message: they are few, and what is not kept need not be looked after. */
static int tell(const char *arena, enum mp_keeper_operation operation,
                const struct mp_keeper_key *key, int descriptor) {
  if (!mp_is_arena_id(arena)) return -EINVAL;
  int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (made < 0) return -errno;
  struct mp_keeper_message message = {.operation = operation, .key = *key};
  int error = send_message(made, arena, &message, descriptor);
  (void)close(made); /* what was sent is in the keeper's queue */
  return error;
}

int mp_keeper_deposit(const char *arena, const struct mp_keeper_key *key, int descriptor) {
  return tell(arena, MP_KEEPER_DEPOSIT, key, descriptor);
}

/* The end of file is a keeper that has ended with the request in its queue. */
static int hear(int socket, int *descriptor) {
  uint8_t byte = 0;
  bool ended = false;
  short ready = 0;
  int error;
  do {
    error = mp_descriptor_poll(socket, POLLIN, PATIENCE_SECONDS * 1e3, &ready);
  } while (error == -EINTR);
  if (error < 0) return error;
  if (ready == 0) return -ETIMEDOUT;
  error = mp_descriptor_receive(socket, descriptor, &byte, &ended);
  if (error < 0) return error;
  if (ended) return -ECONNREFUSED;
  if (byte == 1 && *descriptor < 0) return -EMFILE; /* the kernel had no room for it here */
  return byte == 1 ? 0 : -ENOENT;
}

int mp_keeper_withdraw(const char *arena, const struct mp_keeper_key *key, int *descriptor) {
  int ends[2];
  int error = mp_socket_pair(ends);
  if (error < 0) return error;
  error = tell(arena, MP_KEEPER_WITHDRAW, key, ends[1]);
  (void)mp_descriptor_close(ends[1]); /* the keeper has its own, or there is none */
  if (error == 0) error = hear(ends[0], descriptor);
  (void)mp_descriptor_close(ends[0]); /* read to its end */
  return error;
}

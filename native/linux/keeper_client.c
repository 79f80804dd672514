#include <poll.h>
#include <sys/time.h>

#include "control.h"
#include "keeper_messages.h"
#include "mp_descriptor.h"
#include "system_calls.h"

enum { PATIENCE_SECONDS = 5 };

/* `descriptor` is -1 for none. */
static int send_with(int socket, struct msghdr *message, int descriptor, int flags) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
  if (descriptor >= 0) mp_attach_descriptors(message, control, &descriptor, 1);
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

static int send_message(int socket, const struct mp_keeper_message *message, int descriptor) {
  struct iovec part = {.iov_base = (void *)message, .iov_len = sizeof *message};
  struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
  int error = send_with(socket, &header, descriptor, 0);
  return error == -EAGAIN ? -ETIMEDOUT : error;
}

static int connect_to(int socket, const char *arena) {
  const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  if (setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0) return -errno;
  struct sockaddr_un address;
  socklen_t length = mp_arena_address(arena, MP_KEEPER_NAME, &address);
  return mp_result(connect(socket, (struct sockaddr *)&address, length));
}

/* A socket for each call: they are few, and what is not kept need not be looked after. It stays
 * connected to whoever has the name now, should another have it later. */
static int reach(const char *arena, int *socket_out) {
  if (!mp_is_arena_id(arena)) return -EINVAL;
  int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (made < 0) return -errno;
  int error = connect_to(made, arena);
  if (error < 0) (void)close(made); /* nothing was sent */
  else *socket_out = made;
  return error;
}

struct answer {
  ssize_t length; /* 0: the end of file */
  uint8_t byte;
  struct mp_control control;
};

static int receive_answer(int socket, struct answer *answer) {
  union {
    struct cmsghdr header; /* for its alignment */
    char space[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int) * MP_MOST_DESCRIPTORS)];
  } control;
  struct iovec part = {.iov_base = &answer->byte, .iov_len = 1};
  struct msghdr header = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  do {
    answer->length = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  } while (answer->length < 0 && errno == EINTR);
  if (answer->length < 0) return -errno;
  answer->control = mp_control_of(&header);
  return 0;
}

static int await_answer(int socket) {
  short ready = 0;
  int error;
  do {
    error = mp_descriptor_poll(socket, POLLIN, PATIENCE_SECONDS * 1e3, &ready);
  } while (error == -EINTR);
  return error == 0 && ready == 0 ? -ETIMEDOUT : error;
}

/* The end of file is a keeper that has ended with the request in its queue. */
static int hear(int socket, int *descriptor) {
  struct answer answer;
  int error = await_answer(socket);
  if (error == 0) error = receive_answer(socket, &answer);
  if (error < 0) return error;
  if (answer.length == 0) return -ECONNREFUSED;
  if (!answer.control.is_ours) {
    if (answer.control.descriptor >= 0)
      (void)mp_descriptor_close(answer.control.descriptor); /* a stranger's */
    return -EPERM;
  }
  if (answer.byte == 1 && answer.control.descriptor < 0)
    return -EMFILE; /* the kernel had no room for it here */
  *descriptor = answer.control.descriptor;
  return answer.byte == 1 ? 0 : -ENOENT;
}

/* The kernel says who has sent what comes from here on. */
static int want_credentials(int socket) {
  const int on = 1;
  return mp_result(setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
}

static int ask(int keeper, enum mp_keeper_operation operation, const struct mp_keeper_key *key,
               int *descriptor) {
  struct mp_keeper_message message = {.operation = operation, .key = *key};
  int ends[2];
  int error = mp_socket_pair(ends);
  if (error < 0) return error;
  error = want_credentials(ends[0]);
  if (error == 0) error = send_message(keeper, &message, ends[1]);
  (void)mp_descriptor_close(ends[1]); /* the keeper has its own, or there is none */
  if (error == 0) error = hear(ends[0], descriptor);
  (void)mp_descriptor_close(ends[0]); /* read to its end */
  return error;
}

/* A name that the main process no longer has, because it ended, is anybody's to take: nothing is
 * given to, or taken from, one of another user. */
static int deposit_with(int keeper, const struct mp_keeper_key *key, int descriptor) {
  struct mp_keeper_message message = {.operation = MP_KEEPER_DEPOSIT, .key = *key};
  int nothing = -1;
  int error = ask(keeper, MP_KEEPER_HELLO, key, &nothing);
  return error == -ENOENT ? send_message(keeper, &message, descriptor) : error;
}

int mp_keeper_deposit(const char *arena, const struct mp_keeper_key *key, int descriptor) {
  int keeper;
  int error = reach(arena, &keeper);
  if (error < 0) return error;
  error = deposit_with(keeper, key, descriptor);
  (void)close(keeper); /* what was sent is in the keeper's queue */
  return error;
}

int mp_keeper_withdraw(const char *arena, const struct mp_keeper_key *key, int *descriptor) {
  int keeper;
  int error = reach(arena, &keeper);
  if (error < 0) return error;
  error = ask(keeper, MP_KEEPER_WITHDRAW, key, descriptor);
  (void)close(keeper); /* as above */
  return error;
}

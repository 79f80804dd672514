#include "mp_bell.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "arena_id.h"
#include "mp_futex.h"
#include "system_calls.h"

enum { DRAINED_AT_ONCE = 64 };

/* An abstract name begins with NUL and is exactly as long as the address says, so the length is
 * part of the name. */
static socklen_t address_of(const char *arena, int32_t slot, struct sockaddr_un *address) {
  address->sun_family = AF_UNIX;
  address->sun_path[0] = '\0';
  int length = snprintf(address->sun_path + 1, sizeof address->sun_path - 1, "polyprocess/%s/%d",
                        arena, (int)slot);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

static int datagram_socket(int *socket_out) {
  int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) return -errno;
  *socket_out = made;
  return 0;
}

int mp_ringer_open(struct mp_ringer *ringer, const char *arena) {
  if (!mp_is_arena_id(arena)) return -EINVAL;
  memcpy(ringer->arena, arena, sizeof ringer->arena);
  return datagram_socket(&ringer->socket);
}

int mp_ringer_close(struct mp_ringer *ringer) {
  int error = mp_result(close(ringer->socket));
  ringer->socket = -1;
  return error;
}

int mp_bell_listen(const char *arena, int32_t slot, int *socket_out) {
  if (!mp_is_arena_id(arena) || slot < 0) return -EINVAL;
  int made = -1;
  int error = datagram_socket(&made);
  if (error < 0) return error;
  struct sockaddr_un address;
  socklen_t length = address_of(arena, slot, &address);
  if (bind(made, (struct sockaddr *)&address, length) < 0) {
    error = -errno;
    (void)close(made); /* never bound, nothing is lost */
    return error;
  }
  *socket_out = made;
  return 0;
}

/* One call takes them all: a bell that was rung ten times costs the same as one rung once. What
 * is left beyond the bound makes the socket readable again at once. */
int mp_bell_drain(int socket) {
  struct mmsghdr messages[DRAINED_AT_ONCE];
  memset(messages, 0, sizeof messages);
  int taken;
  do {
    taken = recvmmsg(socket, messages, DRAINED_AT_ONCE, MSG_DONTWAIT | MSG_TRUNC, NULL);
  } while (taken < 0 && errno == EINTR);
  return taken >= 0 || errno == EAGAIN ? 0 : -errno;
}

/* EAGAIN: the listener's queue is full of earlier rings, so it will wake. ECONNREFUSED: nobody is
 * bound to the name, the listener is gone. */
static int send_ring(const struct mp_ringer *ringer, int32_t slot, bool *reached) {
  struct sockaddr_un address;
  socklen_t length = address_of(ringer->arena, slot, &address);
  ssize_t sent;
  do {
    sent = sendto(ringer->socket, "!", 1, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address,
                  length);
  } while (sent < 0 && errno == EINTR);
  *reached = sent == 1 || errno == EAGAIN;
  return *reached || errno == ECONNREFUSED ? 0 : -errno;
}

static int wake_blocked(struct mp_bell *bell, bool *reached) {
  int32_t woken = 0;
  int error = mp_futex_wake((int32_t *)&bell->sequence, INT_MAX, &woken);
  *reached = woken > 0;
  return error;
}

int mp_bell_wake(const struct mp_ringer *ringer, struct mp_bell *bell, int32_t slot,
                 bool *reached) {
  *reached = false;
  int32_t mode = atomic_load(&bell->mode);
  if (mode == MP_BELL_BLOCKED) return wake_blocked(bell, reached);
  if (mode != MP_BELL_POLLING) return 0;
  /* Of many ringers at once, the one that takes the mode away sends; pairs with the listener,
   * which stores POLLING anew before each sleep. */
  if (!atomic_compare_exchange_strong(&bell->mode, &mode, MP_BELL_AWAKE)) return 0;
  return send_ring(ringer, slot, reached);
}

int mp_bell_ring(const struct mp_ringer *ringer, struct mp_bell *bell, int32_t slot) {
  bool reached = false;
  atomic_fetch_add(&bell->sequence, 1); /* before the mode is read: see the header */
  return mp_bell_wake(ringer, bell, slot, &reached);
}

int mp_bell_force(const struct mp_ringer *ringer, struct mp_bell *bell, int32_t slot,
                  bool *reached) {
  bool woken = false;
  bool sent = false;
  atomic_fetch_add(&bell->sequence, 1);
  int error = wake_blocked(bell, &woken);
  if (error == 0) error = send_ring(ringer, slot, &sent);
  *reached = woken || sent;
  return error;
}

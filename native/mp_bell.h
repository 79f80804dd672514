/*
 * A doorbell: how one thread tells another, in any process of the tree, to look at shared
 * memory. It is two words there and a datagram socket in the listener's event loop:
 *
 *   sequence  every ringer adds one before it looks at the mode
 *   mode      AWAKE    the listener runs and will look by itself
 *             BLOCKED  it sleeps in a futex on `sequence`
 *             POLLING  its event loop sleeps in poll; a datagram wakes it
 *
 * The listener publishes a mode and then looks once more before it sleeps; the ringer changes
 * `sequence` and then reads the mode. All of it is sequentially consistent, so one of the two
 * sees the other. A ringer that dies between claiming POLLING and sending leaves the listener
 * asleep: who tells of an end tells it by mp_bell_force, since it may be that listener who is told,
 * and whoever reaps a dead process calls mp_bell_force on every other bell.
 *
 * A listener's socket is bound to the abstract name "\0polyprocess/<arena>/<slot>", which goes
 * when the socket does: nothing is left in any file system.
 */
#ifndef MP_BELL_H
#define MP_BELL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { MP_ARENA_ID_LENGTH = 32 };

enum mp_bell_mode { MP_BELL_AWAKE = 0, MP_BELL_BLOCKED = 1, MP_BELL_POLLING = 2 };

struct mp_bell {
  _Atomic int32_t sequence;
  _Atomic int32_t mode;
};

/* What a ringer needs: an unbound socket and the arena's name. Several threads may use one. */
struct mp_ringer {
  int socket;
  char arena[MP_ARENA_ID_LENGTH + 1];
};

/* -EINVAL unless `arena` is 32 lower-case hexadecimal digits. The caller closes the ringer when
 * no thread uses it any more. Never waits. */
int mp_ringer_open(struct mp_ringer *ringer, const char *arena);
int mp_ringer_close(struct mp_ringer *ringer);

/* The listener's non-blocking socket, which the caller closes; -EADDRINUSE when the slot has a
 * listener already. Never waits. */
int mp_bell_listen(const char *arena, int32_t slot, int *socket);

/* Takes the datagrams that wait, a bounded number, without waiting. */
int mp_bell_drain(int socket);

/* For a ringer that has already added to `sequence`: wakes the listener if it sleeps. `reached`
 * is false when there was nobody to wake. Never waits; any thread. */
int mp_bell_wake(const struct mp_ringer *ringer, struct mp_bell *bell, int32_t slot, bool *reached);

/* Adds to `sequence`, then mp_bell_wake. */
int mp_bell_ring(const struct mp_ringer *ringer, struct mp_bell *bell, int32_t slot);

/* Adds to `sequence` and wakes by both ways whatever the mode says. */
int mp_bell_force(const struct mp_ringer *ringer, struct mp_bell *bell, int32_t slot,
                  bool *reached);

#endif

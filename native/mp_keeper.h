/*
 * Descriptors on their way from one process of a tree to another. The main process of the tree
 * keeps them, because it lives as long as the tree: a sender may end as soon as it has sent.
 *
 *   "deposit"   a datagram with the descriptor to the abstract name "\0polyprocess/<arena>/keeper".
 *               It is there as soon as the call returns: the kernel holds it, also unread.
 *   "withdraw"  a datagram with one end of a pair of sockets, over which the answer comes. What was
 *               withdrawn is not kept any more: nobody gets it twice.
 *
 * What stands for a descriptor in a message is a block of the arena, and its key is the block and
 * its generation. When the generation is another, the block was freed: the message was dropped, or
 * an owner of it died. Then the keeper closes the descriptor at its next sweep. Whoever withdraws
 * frees the block afterwards.
 *
 * Abstract names have no permissions: only datagrams of the same user's processes are heeded.
 */
#ifndef MP_KEEPER_H
#define MP_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mp_keeper;

struct mp_keeper_key {
  uint64_t block;
  uint64_t generation;
  uint64_t place; /* of the generation's word, in the arena's file; not asked for to withdraw */
};

/* Milliseconds between sweeps. */
enum { MP_KEEPER_SWEEP = 1000 };

/* `arena_file` stays the caller's, who keeps it open as long as the keeper. -EADDRINUSE: the arena
 * has a keeper. Nothing here is locked: one thread at a time. */
int mp_keeper_open(struct mp_keeper **keeper, const char *arena, int arena_file);

/* Closes all that is kept. */
void mp_keeper_close(struct mp_keeper *keeper);

/* Readable when somebody has sent something. */
int mp_keeper_socket(const struct mp_keeper *keeper);

/* Does what the datagrams that wait ask for, a bounded number. Never waits. */
void mp_keeper_serve(struct mp_keeper *keeper);

/* Closes what belongs to blocks that were freed. Returns how many are left. */
size_t mp_keeper_sweep(struct mp_keeper *keeper);

size_t mp_keeper_count(const struct mp_keeper *keeper);

/* For threads of the keeper's process. The descriptor is the keeper's from here on, also if it
 * fails. */
int mp_keeper_put(struct mp_keeper *keeper, const struct mp_keeper_key *key, int descriptor);

/* -ENOENT: there is none (any more). */
int mp_keeper_take(struct mp_keeper *keeper, const struct mp_keeper_key *key, int *descriptor);

/* From any process; the descriptor stays the caller's. -ECONNREFUSED: there is no keeper.
 * -EPERM: one of another user has its name. -ETIMEDOUT: it has not listened, or answered, for five
 * seconds; they wait for as long at most each time. EINTR is retried. Any thread. */
int mp_keeper_deposit(const char *arena, const struct mp_keeper_key *key, int descriptor);
int mp_keeper_withdraw(const char *arena, const struct mp_keeper_key *key, int *descriptor);

#endif

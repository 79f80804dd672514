/*
 * What is said to the tracker, the process that unlinks a tree's named memory when the tree is over
 * (native/tracker). It is one datagram:
 *
 *   "+<identity> <name>"  this file, by this name, is the tree's
 *   "-<identity> <name>"  no longer
 *
 * Nobody holds a connection: whoever has something to say sends it to the tracker's abstract name,
 * "\0polyprocess/<arena>/names", and it is said as soon as the call returns, whatever becomes of
 * the sender. Children of every start method, forked ones and threads have nothing to inherit.
 */
#ifndef MP_NAMES_H
#define MP_NAMES_H

#include <stddef.h>

/* '+' or '-', an identity, a space, a file name, and the NUL at the end. */
enum { MP_NAMES_MESSAGE = 320 };

/* -ECONNREFUSED: there is no tracker. -EAGAIN: it has not listened for five seconds. -EINVAL for
 * what is no arena's id. Waits while the tracker's queue is full; EINTR is retried. Any thread. */
int mp_names_tell(const char *arena, const char *message);

/* The tracker's socket, which does not wait; -EADDRINUSE when there is a tracker already. It asks
 * for the senders' credentials. */
int mp_names_listen(const char *arena, int *socket);

/* The next message of a process of the same user; others' are skipped. -EAGAIN: there is none.
 * Never waits. */
int mp_names_receive(int socket, char message[MP_NAMES_MESSAGE]);

#endif

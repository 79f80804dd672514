/*
 * Descriptors: duplicating, passing to another process, waiting for and moving bytes.
 *
 * Any thread may call any of these. EINTR is retried except where said. What is handed out is
 * close-on-exec and belongs to the caller. Calls on a blocking descriptor wait as its kind does.
 */
#ifndef MP_DESCRIPTOR_H
#define MP_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Never retried: on Linux the descriptor is gone even after EINTR, which counts as success. */
int mp_descriptor_close(int descriptor);

int mp_descriptor_duplicate(int descriptor, int *duplicate);

int mp_descriptor_set_close_on_exec(int descriptor, bool on);

/* How libuv watches a descriptor without making its file description, which other processes may
 * share, non-blocking: it is shown the number of a place first, and then the place comes to mean
 * the descriptor. `reserve` makes a place, which the caller closes; `occupy` is -EPERM for what
 * cannot be watched, as a regular file: libuv would abort. */
int mp_descriptor_reserve(int *place);
int mp_descriptor_occupy(int place, int descriptor);

/* Two connected, blocking stream sockets. */
int mp_socket_pair(int sockets[2]);

/* Sends one byte with a descriptor, which stays open here. No SIGPIPE: -EPIPE. */
int mp_descriptor_send(int socket, int descriptor, uint8_t byte);

/* Receives what mp_descriptor_send sent. `descriptor` is -1 when the byte came alone, `ended` is
 * true at end of file. Descriptors beyond the first are closed. */
int mp_descriptor_receive(int socket, int *descriptor, uint8_t *byte, bool *ended);

/* poll(2) on one descriptor for at most `timeout` milliseconds, fractions allowed, negative or
 * infinite: no limit. `ready` is 0 when the time is up. -EINTR when a signal handler ran, but
 * SIGPROF's. */
int mp_descriptor_poll(int descriptor, short events, double timeout, short *ready);

/* Makes `target` mean what `descriptor` does, or /dev/null if that is negative. `target` stays open
 * across execve, as standard descriptors do. */
int mp_descriptor_replace(int descriptor, int target);

/* poll(2) on several at once: `ready` counts the entries whose `revents` are set, and is 0 when the
 * time is up. -EINTR when a signal handler ran; not for SIGPROF, which waits until the end: a
 * profiler sends it every millisecond. */
struct pollfd;
int mp_descriptors_poll(struct pollfd *entries, size_t count, double timeout, int *ready);

/* One read or write, which may move fewer bytes than asked; 0 read is end of file. -EAGAIN from a
 * non-blocking descriptor that is not ready. Writing to a socket or pipe whose reader is gone is
 * -EPIPE; Node ignores SIGPIPE. */
int mp_descriptor_read(int descriptor, void *bytes, size_t length, size_t *moved);
int mp_descriptor_write(int descriptor, const void *bytes, size_t length, size_t *moved);

#endif

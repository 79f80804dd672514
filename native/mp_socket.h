/*
 * Stream sockets between strangers: addresses, listening, connecting, and moving the few bytes of a
 * handshake.
 *
 * Nothing here waits, except mp_address_resolve. Any thread may call any of these. EINTR is
 * retried. What is handed out is close-on-exec and belongs to the caller.
 */
#ifndef MP_SOCKET_H
#define MP_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct mp_address {
  struct sockaddr_storage storage;
  socklen_t length;
};

enum { MP_HOST_LENGTH = 1025 }; /* with the NUL at the end; the longest of getnameinfo */

/* A path, or an abstract name, which begins with NUL. -ENAMETOOLONG beyond 107 and 108 bytes,
 * -EINVAL for none and for a path with a NUL in it. */
int mp_address_of_path(const char *bytes, size_t length, struct mp_address *address);

/* The bytes of a path, in `address`; NULL for a family that has none. An unnamed peer has 0. */
const char *mp_address_path(const struct mp_address *address, size_t *length);

/* The first address of the host; "" is any for a listener. `failure` is 0 or a code of
 * getaddrinfo's, and -errno is returned only for EAI_SYSTEM. Waits for name servers unless
 * `numeric`. */
int mp_address_resolve(int family, const char *host, uint16_t port, bool numeric,
                       struct mp_address *address, int *failure);

/* Numbers of an Internet address, never looked up. -EAFNOSUPPORT for another family. */
int mp_address_numbers(const struct mp_address *address, char host[MP_HOST_LENGTH], uint16_t *port);

/* A listening socket that does not block: who shares it may be first to accept. */
int mp_socket_listen(const struct mp_address *address, int backlog, int *listener);

/* What the socket is bound to. */
int mp_socket_address(int socket, struct mp_address *address);

/* A connected socket that blocks. -EAGAIN when nobody waits for it, or has gone again meanwhile. */
int mp_socket_accept(int listener, int *accepted, struct mp_address *peer);

/* 0: connected, the socket blocks. -EINPROGRESS: there is a socket all the same, and
 * mp_socket_connected says how it went once it can be written to. -EAGAIN: the listener's queue (of
 * the local kind) is full. */
int mp_socket_connect(const struct mp_address *address, int *connected);

/* After -EINPROGRESS; the socket stays the caller's, also after an error. */
int mp_socket_connected(int socket);

/* One send or recv that never waits, whatever the socket's mode, and never raises SIGPIPE.
 * -EAGAIN: not now; 0 received is end of file. */
int mp_socket_send(int socket, const void *bytes, size_t length, size_t *moved);
int mp_socket_receive(int socket, void *bytes, size_t length, size_t *moved);

#endif

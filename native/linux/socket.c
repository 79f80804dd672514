#include "mp_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/un.h>

#include "system_calls.h"

enum { PATH_OFFSET = offsetof(struct sockaddr_un, sun_path) };

int mp_address_of_path(const char *bytes, size_t length, struct mp_address *address) {
  struct sockaddr_un *local = (struct sockaddr_un *)&address->storage;
  if (length == 0) return -EINVAL;
  bool is_abstract = bytes[0] == '\0';
  if (!is_abstract && memchr(bytes, '\0', length) != NULL) return -EINVAL;
  size_t room = sizeof local->sun_path - (is_abstract ? 0 : 1);
  if (length > room) return -ENAMETOOLONG;
  memset(&address->storage, 0, sizeof address->storage);
  local->sun_family = AF_UNIX;
  memcpy(local->sun_path, bytes, length);
  /* An abstract name is exactly as long as the address says, a path ends with its NUL. */
  address->length = (socklen_t)(PATH_OFFSET + length + (is_abstract ? 0 : 1));
  return 0;
}

const char *mp_address_path(const struct mp_address *address, size_t *length) {
  const struct sockaddr_un *local = (const struct sockaddr_un *)&address->storage;
  if (address->storage.ss_family != AF_UNIX) return NULL;
  *length = address->length <= PATH_OFFSET ? 0 : address->length - PATH_OFFSET;
  if (*length > 0 && local->sun_path[0] != '\0') *length = strnlen(local->sun_path, *length);
  return local->sun_path;
}

int mp_address_resolve(int family, const char *host, uint16_t port, bool numeric,
                       struct mp_address *address, int *failure) {
  struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
  struct addrinfo *found = NULL;
  char service[8] = "0";
  if (numeric) hints.ai_flags |= AI_NUMERICHOST;
  *failure = getaddrinfo(host[0] == '\0' ? NULL : host, service, &hints, &found);
  if (*failure == EAI_SYSTEM) return -errno;
  if (*failure != 0) return 0;
  memset(&address->storage, 0, sizeof address->storage);
  memcpy(&address->storage, found->ai_addr, found->ai_addrlen);
  address->length = found->ai_addrlen;
  freeaddrinfo(found);
  if (family == AF_INET) ((struct sockaddr_in *)&address->storage)->sin_port = htons(port);
  else ((struct sockaddr_in6 *)&address->storage)->sin6_port = htons(port);
  return 0;
}

int mp_address_numbers(const struct mp_address *address, char host[MP_HOST_LENGTH],
                       uint16_t *port) {
  int family = address->storage.ss_family;
  if (family != AF_INET && family != AF_INET6) return -EAFNOSUPPORT;
  int failure = getnameinfo((const struct sockaddr *)&address->storage, address->length, host,
                            MP_HOST_LENGTH, NULL, 0, NI_NUMERICHOST);
  if (failure != 0) return failure == EAI_SYSTEM ? -errno : -EINVAL;
  *port = ntohs(family == AF_INET ? ((const struct sockaddr_in *)&address->storage)->sin_port
                                  : ((const struct sockaddr_in6 *)&address->storage)->sin6_port);
  return 0;
}

/* Keeps the error of what failed before. */
static int close_after(int made, int error) {
  (void)close(made); /* nobody has it, and nothing was sent */
  return error;
}

static int bind_and_listen(int made, const struct mp_address *address, int backlog) {
  int on = 1;
  if (setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) return -errno;
  if (bind(made, (const struct sockaddr *)&address->storage, address->length) < 0) return -errno;
  return mp_result(listen(made, backlog));
}

int mp_socket_listen(const struct mp_address *address, int backlog, int *listener) {
  int made = socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) return -errno;
  int error = bind_and_listen(made, address, backlog);
  if (error < 0) return close_after(made, error);
  *listener = made;
  return 0;
}

int mp_socket_address(int socket, struct mp_address *address) {
  address->length = sizeof address->storage;
  return mp_result(getsockname(socket, (struct sockaddr *)&address->storage, &address->length));
}

/* Frames are small and each is waited for: one must not wait for the acknowledgement of another. */
static int without_delay(int socket, int family) {
  int on = 1;
  if (family != AF_INET && family != AF_INET6) return 0;
  int error = mp_result(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  return error == -EINVAL ? 0 : error; /* the peer has gone already: reading will say so */
}

/* accept(2) hands out what has happened to a connection in the queue: it is not the listener's. */
static bool is_of_the_peer(int error) {
  switch (error) {
  case ECONNABORTED:
  case EPROTO:
  case ENOPROTOOPT:
  case EHOSTDOWN:
  case ENONET:
  case EHOSTUNREACH:
  case EOPNOTSUPP:
  case ENETDOWN:
  case ENETUNREACH:
    return true;
  default:
    return false;
  }
}

int mp_socket_accept(int listener, int *accepted, struct mp_address *peer) {
  int made;
  do {
    peer->length = sizeof peer->storage;
    made = accept4(listener, (struct sockaddr *)&peer->storage, &peer->length, SOCK_CLOEXEC);
  } while (made < 0 && errno == EINTR);
  if (made < 0) return is_of_the_peer(errno) ? -EAGAIN : -errno;
  if (peer->length == 0) { /* a local peer that is gone again */
    memset(&peer->storage, 0, sizeof peer->storage);
    peer->storage.ss_family = AF_UNIX;
  }
  int error = without_delay(made, peer->storage.ss_family);
  if (error < 0) return close_after(made, error);
  *accepted = made;
  return 0;
}

static int finish(int socket, int family) {
  int flags = fcntl(socket, F_GETFL);
  if (flags < 0 || fcntl(socket, F_SETFL, flags & ~O_NONBLOCK) < 0) return -errno;
  return without_delay(socket, family);
}

int mp_socket_connect(const struct mp_address *address, int *connected) {
  int family = address->storage.ss_family;
  int made = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) return -errno;
  int error = mp_result(connect(made, (const struct sockaddr *)&address->storage, address->length));
  if (error == -EINTR) error = -EINPROGRESS; /* it goes on by itself */
  if (error == 0) error = finish(made, family);
  if (error < 0 && error != -EINPROGRESS) return close_after(made, error);
  *connected = made;
  return error;
}

int mp_socket_connected(int socket) {
  int failure = 0;
  int family = 0;
  socklen_t length = sizeof failure;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &length) < 0) return -errno;
  if (failure != 0) return -failure;
  length = sizeof family;
  if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &length) < 0) return -errno;
  return finish(socket, family);
}

int mp_socket_send(int socket, const void *bytes, size_t length, size_t *moved) {
  ssize_t sent;
  do {
    sent = send(socket, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return -errno;
  *moved = (size_t)sent;
  return 0;
}

int mp_socket_receive(int socket, void *bytes, size_t length, size_t *moved) {
  ssize_t received;
  do {
    received = recv(socket, bytes, length, MSG_DONTWAIT);
  } while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;
  *moved = (size_t)received;
  return 0;
}

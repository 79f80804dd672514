/* What a tree of processes is called in the names of its sockets. */
#ifndef MP_ARENA_ID_H
#define MP_ARENA_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "mp_bell.h"

static inline bool mp_is_arena_id(const char *arena) {
  return strlen(arena) == MP_ARENA_ID_LENGTH &&
         strspn(arena, "0123456789abcdef") == MP_ARENA_ID_LENGTH;
}

/* Of the one of its sockets that does `what`. An abstract name is exactly as long as the address
 * says. */
static inline socklen_t mp_arena_address(const char *arena, const char *what,
                                         struct sockaddr_un *address) {
  address->sun_family = AF_UNIX;
  address->sun_path[0] = '\0';
  int length = snprintf(address->sun_path + 1, sizeof address->sun_path - 1, "polyprocess/%s/%s",
                        arena, what);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

#endif

/* What a tree of processes is called in the names of its sockets. */
#ifndef MP_ARENA_ID_H
#define MP_ARENA_ID_H

#include <stdbool.h>
#include <string.h>

#include "mp_bell.h"

static inline bool mp_is_arena_id(const char *arena) {
  return strlen(arena) == MP_ARENA_ID_LENGTH &&
         strspn(arena, "0123456789abcdef") == MP_ARENA_ID_LENGTH;
}

#endif

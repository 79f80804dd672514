/* What keeper.c and keeper_client.c say to each other. */
#ifndef MP_KEEPER_MESSAGES_H
#define MP_KEEPER_MESSAGES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "arena_id.h"
#include "mp_keeper.h"

enum mp_keeper_operation { MP_KEEPER_DEPOSIT = 1, MP_KEEPER_WITHDRAW = 2, MP_KEEPER_HELLO = 3 };

/* Each comes with one descriptor: what is deposited, or where the answer goes. Who says hello is
 * answered as one for whom there is nothing, and learns from the kernel whose answer that is. */
struct mp_keeper_message {
  uint64_t operation;
  struct mp_keeper_key key;
};

/* An abstract name is exactly as long as the address says. */
static inline socklen_t mp_keeper_address(const char *arena, struct sockaddr_un *address) {
  address->sun_family = AF_UNIX;
  address->sun_path[0] = '\0';
  int length =
      snprintf(address->sun_path + 1, sizeof address->sun_path - 1, "polyprocess/%s/keeper", arena);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

/* Never waits. `descriptor` is -1 for none. */
int mp_keeper_answer(int socket, int descriptor);

#endif

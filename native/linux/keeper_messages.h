/* What keeper.c and keeper_client.c say to each other. */
#ifndef MP_KEEPER_MESSAGES_H
#define MP_KEEPER_MESSAGES_H

#include <stdint.h>

#include "arena_id.h"
#include "mp_keeper.h"

#define MP_KEEPER_NAME "keeper"

enum mp_keeper_operation { MP_KEEPER_DEPOSIT = 1, MP_KEEPER_WITHDRAW = 2, MP_KEEPER_HELLO = 3 };

/* Each comes with one descriptor: what is deposited, or where the answer goes. Who says hello is
 * answered as one for whom there is nothing, and learns from the kernel whose answer that is. */
struct mp_keeper_message {
  uint64_t operation;
  struct mp_keeper_key key;
};

/* Never waits. `descriptor` is -1 for none. */
int mp_keeper_answer(int socket, int descriptor);

#endif

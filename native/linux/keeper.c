/* The keeper's own side; what others send to it is in keeper_client.c. */
#include <stdlib.h>

#include "control.h"
#include "keeper_messages.h"
#include "mp_descriptor.h"
#include "system_calls.h"

enum { SERVED_AT_ONCE = 64 };

struct entry {
  struct mp_keeper_key key;
  int descriptor;
  struct entry *next;
};

struct mp_keeper {
  int socket;
  int arena_file;
  size_t count;
  struct entry *entries;
};

int mp_keeper_open(struct mp_keeper **keeper_out, const char *arena, int arena_file) {
  if (!mp_is_arena_id(arena)) return -EINVAL;
  struct mp_keeper *keeper = calloc(1, sizeof *keeper);
  if (keeper == NULL) return -ENOMEM;
  keeper->arena_file = arena_file;
  struct sockaddr_un address;
  socklen_t length = mp_arena_address(arena, MP_KEEPER_NAME, &address);
  int error = mp_listen_datagrams(&address, length, &keeper->socket);
  if (error < 0) free(keeper);
  else *keeper_out = keeper;
  return error;
}

/* Nothing is buffered in a descriptor that its next owner has not seen. */
static void discard(struct mp_keeper *keeper, struct entry **link) {
  struct entry *gone = *link;
  *link = gone->next;
  keeper->count--;
  (void)mp_descriptor_close(gone->descriptor);
  free(gone);
}

void mp_keeper_close(struct mp_keeper *keeper) {
  while (keeper->entries != NULL) discard(keeper, &keeper->entries);
  (void)close(keeper->socket); /* who still asks is told by the kernel */
  free(keeper);
}

int mp_keeper_socket(const struct mp_keeper *keeper) {
  return keeper->socket;
}

size_t mp_keeper_count(const struct mp_keeper *keeper) {
  return keeper->count;
}

/* The file's pages are those that all processes have mapped. */
static bool is_freed(const struct mp_keeper *keeper, const struct mp_keeper_key *key) {
  uint32_t generation;
  ssize_t moved = pread(keeper->arena_file, &generation, sizeof generation, (off_t)key->place);
  return moved == sizeof generation && generation != (uint32_t)key->generation;
}

size_t mp_keeper_sweep(struct mp_keeper *keeper) {
  for (struct entry **link = &keeper->entries; *link != NULL;) {
    if (is_freed(keeper, &(*link)->key)) discard(keeper, link);
    else link = &(*link)->next;
  }
  return keeper->count;
}

int mp_keeper_put(struct mp_keeper *keeper, const struct mp_keeper_key *key, int descriptor) {
  struct entry *entry = malloc(sizeof *entry);
  if (entry == NULL) {
    (void)mp_descriptor_close(descriptor); /* whoever withdraws it is told that it is not there */
    return -ENOMEM;
  }
  *entry = (struct entry){.key = *key, .descriptor = descriptor, .next = keeper->entries};
  keeper->entries = entry;
  keeper->count++;
  return 0;
}

int mp_keeper_take(struct mp_keeper *keeper, const struct mp_keeper_key *key, int *descriptor) {
  for (struct entry **link = &keeper->entries; *link != NULL; link = &(*link)->next) {
    struct entry *found = *link;
    if (found->key.block != key->block || found->key.generation != key->generation) continue;
    *descriptor = found->descriptor;
    *link = found->next;
    keeper->count--;
    free(found);
    return 0;
  }
  return -ENOENT;
}

struct request {
  struct mp_keeper_message message;
  struct mp_control control;
};

/* The padding behind one descriptor has room for a second. -EAGAIN: no more requests. */
static int next_request(const struct mp_keeper *keeper, struct request *request) {
  union {
    struct cmsghdr header; /* for its alignment */
    char space[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec bytes = {.iov_base = &request->message, .iov_len = sizeof request->message};
  struct msghdr header = {.msg_iov = &bytes,
                          .msg_iovlen = 1,
                          .msg_control = &control,
                          .msg_controllen = sizeof control};
  ssize_t taken;
  do {
    taken = recvmsg(keeper->socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (taken < 0 && errno == EINTR);
  if (taken < 0) return -errno;
  request->control = mp_control_of(&header);
  if (taken != sizeof request->message) request->control.is_ours = false;
  return 0;
}

/* The answer is a byte: 1 with the descriptor, 0 without. Who does not wait for it any more is none
 * of our business, but what it has asked for is its no longer, and nobody else's either. */
static void hand_out(struct mp_keeper *keeper, const struct request *request) {
  int descriptor = -1;
  int error = mp_keeper_take(keeper, &request->message.key, &descriptor);
  (void)mp_keeper_answer(request->control.descriptor, error == 0 ? descriptor : -1);
  if (error == 0) (void)mp_descriptor_close(descriptor); /* the receiver has its own */
}

static void serve_one(struct mp_keeper *keeper, const struct request *request) {
  bool is_whole = request->control.is_ours && request->control.descriptor >= 0;
  if (is_whole && request->message.operation == MP_KEEPER_DEPOSIT) {
    (void)mp_keeper_put(keeper, &request->message.key, request->control.descriptor);
    return;
  }
  if (is_whole && request->message.operation == MP_KEEPER_WITHDRAW) hand_out(keeper, request);
  if (is_whole && request->message.operation == MP_KEEPER_HELLO)
    (void)mp_keeper_answer(request->control.descriptor, -1); /* who is gone needs none */
  if (request->control.descriptor >= 0)
    (void)mp_descriptor_close(request->control.descriptor); /* as above */
}

void mp_keeper_serve(struct mp_keeper *keeper) {
  struct request request;
  for (int i = 0; i < SERVED_AT_ONCE && next_request(keeper, &request) == 0; i++)
    serve_one(keeper, &request);
}

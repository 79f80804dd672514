/* The keeper's own side; what others send to it is in keeper_client.c. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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

static int bind_to(int socket, const char *arena) {
  const int on = 1;
  if (setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) return -errno;
  struct sockaddr_un address;
  socklen_t length = mp_keeper_address(arena, &address);
  return mp_result(bind(socket, (struct sockaddr *)&address, length));
}

static int listen_as(const char *arena, int *socket_out) {
  int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) return -errno;
  int error = bind_to(made, arena);
  if (error < 0) (void)close(made); /* nobody has sent anything to it */
  else *socket_out = made;
  return error;
}

int mp_keeper_open(struct mp_keeper **keeper_out, const char *arena, int arena_file) {
  if (!mp_is_arena_id(arena)) return -EINVAL;
  struct mp_keeper *keeper = calloc(1, sizeof *keeper);
  if (keeper == NULL) return -ENOMEM;
  keeper->arena_file = arena_file;
  int error = listen_as(arena, &keeper->socket);
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
  int descriptor; /* -1: none came */
  bool is_ours;   /* of a process of the same user */
};

/* Keeps the first. Anybody can send to the keeper, and as many as the kernel finds room for are
 * installed in this process, whoever they are from. */
static void read_descriptors(struct cmsghdr *control, struct request *request) {
  size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; i++) {
    int received;
    memcpy(&received, CMSG_DATA(control) + i * sizeof received, sizeof received);
    if (request->descriptor < 0) request->descriptor = received;
    else (void)mp_descriptor_close(received); /* surplus: nobody here can miss it */
  }
}

static void read_control(struct msghdr *header, struct request *request) {
  for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control != NULL;
       control = CMSG_NXTHDR(header, control)) {
    if (control->cmsg_level != SOL_SOCKET) continue;
    if (control->cmsg_type == SCM_CREDENTIALS) {
      struct ucred sender;
      memcpy(&sender, CMSG_DATA(control), sizeof sender);
      request->is_ours = sender.uid == getuid();
    }
    if (control->cmsg_type == SCM_RIGHTS) read_descriptors(control, request);
  }
}

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
  *request = (struct request){.descriptor = -1};
  ssize_t taken;
  do {
    taken = recvmsg(keeper->socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (taken < 0 && errno == EINTR);
  if (taken < 0) return -errno;
  read_control(&header, request);
  if (taken != sizeof request->message) request->is_ours = false;
  return 0;
}

/* The answer is a byte: 1 with the descriptor, 0 without. Who does not wait for it any more is none
 * of our business, but what it has asked for is its no longer, and nobody else's either. */
static void hand_out(struct mp_keeper *keeper, const struct request *request) {
  int descriptor = -1;
  int error = mp_keeper_take(keeper, &request->message.key, &descriptor);
  (void)mp_keeper_answer(request->descriptor, error == 0 ? descriptor : -1);
  if (error == 0) (void)mp_descriptor_close(descriptor); /* the receiver has its own */
}

static void serve_one(struct mp_keeper *keeper, const struct request *request) {
  bool is_whole = request->is_ours && request->descriptor >= 0;
  if (is_whole && request->message.operation == MP_KEEPER_DEPOSIT) {
    (void)mp_keeper_put(keeper, &request->message.key, request->descriptor);
    return;
  }
  if (is_whole && request->message.operation == MP_KEEPER_WITHDRAW) hand_out(keeper, request);
  if (is_whole && request->message.operation == MP_KEEPER_HELLO)
    (void)mp_keeper_answer(request->descriptor, -1); /* who is gone needs none */
  if (request->descriptor >= 0) (void)mp_descriptor_close(request->descriptor); /* as above */
}

void mp_keeper_serve(struct mp_keeper *keeper) {
  struct request request;
  for (int i = 0; i < SERVED_AT_ONCE && next_request(keeper, &request) == 0; i++)
    serve_one(keeper, &request);
}

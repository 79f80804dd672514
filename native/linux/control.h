/*
 * What goes beside the bytes of a message over a Unix socket: descriptors, and who sends it. And
 * the socket that is told so of each datagram.
 */
#ifndef MP_CONTROL_H
#define MP_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "system_calls.h"

/* SCM_MAX_FD: no message carries more, so a buffer of this size is never cut off. */
enum { MP_MOST_DESCRIPTORS = 253 };

/* `control` has room for CMSG_SPACE(count * sizeof(int)), aligned as a cmsghdr and all zero. */
static inline void mp_attach_descriptors(struct msghdr *message, void *control,
                                         const int *descriptors, size_t count) {
  size_t length = count * sizeof *descriptors;
  message->msg_control = control;
  message->msg_controllen = CMSG_SPACE(length);
  struct cmsghdr *header = CMSG_FIRSTHDR(message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(length);
  memcpy(CMSG_DATA(header), descriptors, length);
}

struct mp_control {
  int descriptor; /* -1: none came */
  bool is_ours;   /* from a process of the same user, says the kernel */
};

/* Keeps the first descriptor and closes the others, which would leak otherwise: the kernel has
 * installed as many as there was room for, whoever they are from. */
static inline void mp_keep_first(struct cmsghdr *header, struct mp_control *control) {
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; i++) {
    int received;
    memcpy(&received, CMSG_DATA(header) + i * sizeof received, sizeof received);
    if (control->descriptor < 0) control->descriptor = received;
    else (void)mp_descriptor_close(received); /* surplus: nobody here can miss it */
  }
}

static inline struct mp_control mp_control_of(struct msghdr *message) {
  struct mp_control control = {.descriptor = -1};
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_RIGHTS) mp_keep_first(header, &control);
    if (header->cmsg_type != SCM_CREDENTIALS) continue;
    struct ucred sender;
    memcpy(&sender, CMSG_DATA(header), sizeof sender);
    control.is_ours = sender.uid == getuid();
  }
  return control;
}

/* A socket that never waits, under a name, and that is told who sends: abstract names have no
 * permissions, so anybody on the machine may. */
static inline int mp_listen_datagrams(const struct sockaddr_un *address, socklen_t length,
                                      int *socket_out) {
  const int on = 1;
  int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) return -errno;
  int error = mp_result(setsockopt(made, SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
  if (error == 0) error = mp_result(bind(made, (const struct sockaddr *)address, length));
  if (error < 0) (void)close(made); /* nobody has sent anything to it */
  else *socket_out = made;
  return error;
}

#endif

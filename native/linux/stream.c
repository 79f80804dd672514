#include "mp_stream.h"

#include <endian.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "control.h"
#include "mp_descriptor.h"
#include "system_calls.h"

/* POSIX: a write of so many bytes to a pipe that is ready does not wait. */
enum { SMALL_PIECE = 4096 };
enum { BESIDE_MARK = -2, LONG_MARK = -1 };

static void put32(uint8_t *to, uint32_t value) {
  value = htobe32(value);
  memcpy(to, &value, sizeof value);
}

static uint32_t get32(const uint8_t *from) {
  uint32_t value;
  memcpy(&value, from, sizeof value);
  return be32toh(value);
}

size_t mp_frame_write(const struct mp_frame *frame, uint8_t header[MP_LONGEST_HEADER]) {
  if (frame->kind == MP_FRAME_BESIDE) {
    put32(header, (uint32_t)BESIDE_MARK);
    put32(header + 4, (uint32_t)frame->length);
    for (size_t i = 0; i < 3; i++) put32(header + 8 + 4 * i, frame->words[i]);
    return MP_BESIDE_HEADER;
  }
  if (frame->length <= INT32_MAX) {
    put32(header, (uint32_t)frame->length);
    return MP_PLAIN_HEADER;
  }
  put32(header, (uint32_t)LONG_MARK);
  put32(header + 4, (uint32_t)(frame->length >> 32));
  put32(header + 8, (uint32_t)frame->length);
  return MP_LONG_HEADER;
}

size_t mp_frame_header_length(const uint8_t *header, size_t present) {
  if (present < MP_PLAIN_HEADER) return MP_PLAIN_HEADER;
  int32_t mark = (int32_t)get32(header);
  if (mark == LONG_MARK) return MP_LONG_HEADER;
  return mark == BESIDE_MARK ? MP_BESIDE_HEADER : MP_PLAIN_HEADER;
}

struct mp_frame mp_frame_read(const uint8_t *header) {
  int32_t mark = (int32_t)get32(header);
  if (mark >= 0) return (struct mp_frame){.kind = MP_FRAME_PLAIN, .length = (uint64_t)mark};
  if (mark == LONG_MARK) {
    uint64_t length = (uint64_t)get32(header + 4) << 32 | get32(header + 8);
    return (struct mp_frame){.kind = MP_FRAME_PLAIN, .length = length};
  }
  if (mark != BESIDE_MARK) return (struct mp_frame){.kind = MP_FRAME_BAD};
  return (struct mp_frame){.kind = MP_FRAME_BESIDE,
                           .length = get32(header + 4),
                           .words = {get32(header + 8), get32(header + 12), get32(header + 16)}};
}

static int is_ready(int descriptor, short events) {
  short ready = 0;
  int error = mp_descriptor_poll(descriptor, events, 0, &ready);
  if (error < 0) return error == -EINTR ? -EAGAIN : error;
  return ready == 0 ? -EAGAIN : 0;
}

/* For what is no socket. */
static ssize_t write_piece(int descriptor, const struct iovec *parts, size_t count) {
  int error = is_ready(descriptor, POLLOUT);
  if (error < 0) return error;
  struct iovec pieces[2];
  size_t room = SMALL_PIECE;
  for (size_t i = 0; i < count; i++) {
    size_t length = parts[i].iov_len < room ? parts[i].iov_len : room;
    pieces[i] = (struct iovec){.iov_base = parts[i].iov_base, .iov_len = length};
    room -= length;
  }
  ssize_t moved = writev(descriptor, pieces, (int)count);
  return moved < 0 ? -errno : moved;
}

static ssize_t send_once(int descriptor, struct iovec *parts, size_t count,
                         const struct mp_beside *beside) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof beside->descriptors)];
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
  if (beside != NULL && beside->count > 0)
    mp_attach_descriptors(&message, control, beside->descriptors, beside->count);
  ssize_t moved = sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (moved >= 0) return moved;
  return errno == ENOTSOCK ? write_piece(descriptor, parts, count) : -errno;
}

/* What is left of the two parts after `sent` bytes. */
static size_t rest_of(struct iovec parts[2], size_t sent) {
  size_t count = 0;
  for (size_t i = 0; i < 2; i++) {
    size_t skipped = sent < parts[i].iov_len ? sent : parts[i].iov_len;
    sent -= skipped;
    if (skipped == parts[i].iov_len) continue;
    parts[count++] = (struct iovec){.iov_base = (char *)parts[i].iov_base + skipped,
                                    .iov_len = parts[i].iov_len - skipped};
  }
  return count;
}

/*
 * Going to sleep and being woken takes longer than most peers need for their answer. So a call that
 * may wait looks again a few times, and lets others run in between: a socket wakes its reader on
 * the processor of its writer, who would keep it from running otherwise (a round trip of two
 * processes takes 7.4 us asleep, 6 us with looks that yield, 18 to 56 us with looks that do not).
 */
enum { LOOKS = 20 };

static int looks_of(double timeout) {
  return timeout == 0 ? 0 : LOOKS;
}

/* How long a call may wait in all: a peer that goes on byte by byte does not make it longer. */
struct patience {
  double timeout;
  int looks; /* until it sleeps */
  bool has_started;
  struct timespec start;
};

/* From the first wait on, because most calls have none. Without a clock the next wait is the last.
 */
static double left_of(struct patience *patience) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) < 0) {
    double timeout = patience->timeout;
    patience->timeout = 0;
    return timeout;
  }
  if (!patience->has_started) {
    patience->has_started = true;
    patience->start = now;
  }
  double elapsed = (double)(now.tv_sec - patience->start.tv_sec) * 1e3 +
                   (double)(now.tv_nsec - patience->start.tv_nsec) / 1e6;
  return patience->timeout - elapsed;
}

/* 0: it is worth trying again. */
static int await(int descriptor, short events, struct patience *patience) {
  if (patience->looks > 0) {
    patience->looks--;
    (void)sched_yield(); /* it cannot fail here */
    return 0;
  }
  if (patience->timeout <= 0) return -EAGAIN;
  double left = left_of(patience);
  if (left <= 0) return -EAGAIN;
  patience->looks = LOOKS;
  short ready = 0;
  int error = mp_descriptor_poll(descriptor, events, left, &ready);
  if (error < 0) return error;
  return ready == 0 ? -EAGAIN : 0;
}

int mp_stream_send(int descriptor, const struct mp_frame *frame, const void *bytes,
                   const struct mp_beside *beside, size_t *sent, double timeout) {
  uint8_t header[MP_LONGEST_HEADER];
  size_t header_length = mp_frame_write(frame, header);
  struct patience patience = {.timeout = timeout, .looks = looks_of(timeout)};
  for (;;) {
    struct iovec parts[2] = {{.iov_base = header, .iov_len = header_length},
                             {.iov_base = (void *)bytes, .iov_len = frame->length}};
    size_t count = rest_of(parts, *sent);
    if (count == 0) return 0;
    ssize_t moved = send_once(descriptor, parts, count, *sent == 0 ? beside : NULL);
    if (moved >= 0) {
      *sent += (size_t)moved;
      continue;
    }
    if (moved == -EINTR) continue;
    if (moved != -EAGAIN) return (int)moved;
    int error = await(descriptor, POLLOUT, &patience);
    if (error < 0) return error;
  }
}

static void take_beside(struct msghdr *message, struct mp_beside *beside) {
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int received;
      memcpy(&received, CMSG_DATA(header) + i * sizeof received, sizeof received);
      if (beside->count < MP_MOST_BESIDE) beside->descriptors[beside->count++] = received;
      else (void)mp_descriptor_close(received); /* surplus: nobody here can miss it */
    }
  }
}

static ssize_t read_ready(int descriptor, void *bytes, size_t length) {
  int error = is_ready(descriptor, POLLIN);
  if (error < 0) return error;
  ssize_t moved = read(descriptor, bytes, length);
  return moved < 0 ? -errno : moved;
}

/* Descriptors are dropped by the kernel where there is no room for them. */
static ssize_t receive_beside(int descriptor, void *bytes, size_t length,
                              struct mp_beside *beside) {
  struct iovec part = {.iov_base = bytes, .iov_len = length};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * MP_MOST_DESCRIPTORS)];
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t moved = recvmsg(descriptor, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (moved < 0) return -errno;
  take_beside(&message, beside);
  return moved;
}

static ssize_t receive_once(int descriptor, void *bytes, size_t length, struct mp_beside *beside) {
  ssize_t moved;
  if (beside != NULL) {
    moved = receive_beside(descriptor, bytes, length, beside);
  } else {
    moved = recv(descriptor, bytes, length, MSG_DONTWAIT);
    if (moved < 0) moved = -errno;
  }
  return moved == -ENOTSOCK ? read_ready(descriptor, bytes, length) : moved;
}

static int receive(int descriptor, void *bytes, size_t length, size_t *present,
                   struct mp_beside *beside, struct patience *patience) {
  patience->looks = looks_of(patience->timeout);
  while (*present < length) {
    ssize_t moved = receive_once(descriptor, (char *)bytes + *present, length - *present, beside);
    if (moved > 0) {
      *present += (size_t)moved;
      continue;
    }
    if (moved == 0) return -ENODATA;
    if (moved == -EINTR) continue;
    if (moved != -EAGAIN) return (int)moved;
    int error = await(descriptor, POLLIN, patience);
    if (error < 0) return error;
  }
  return 0;
}

int mp_stream_receive(int descriptor, void *bytes, size_t length, size_t *present,
                      struct mp_beside *beside, double timeout) {
  struct patience patience = {.timeout = timeout};
  return receive(descriptor, bytes, length, present, beside, &patience);
}

static int receive_header(int descriptor, struct mp_incoming *incoming, struct patience *patience) {
  size_t length;
  while ((length = mp_frame_header_length(incoming->header, incoming->header_present)) >
         incoming->header_present) {
    int error = receive(descriptor, incoming->header, length, &incoming->header_present,
                        &incoming->beside, patience);
    if (error < 0) return error;
  }
  incoming->frame = mp_frame_read(incoming->header);
  return 0;
}

int mp_stream_receive_frame(int descriptor, struct mp_incoming *incoming, void *bytes, size_t room,
                            double timeout) {
  struct patience patience = {.timeout = timeout};
  int error = receive_header(descriptor, incoming, &patience);
  if (error < 0) return error;
  const struct mp_frame *frame = &incoming->frame;
  if (frame->kind == MP_FRAME_BAD || frame->length > room) return 0;
  return receive(descriptor, bytes, frame->length, &incoming->present, NULL, &patience);
}

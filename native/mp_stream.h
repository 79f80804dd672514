/*
 * Messages over a stream of bytes, framed as CPython's multiprocessing.connection does:
 *
 *   length: int32, big-endian, not negative                              and so many bytes
 *   ff ff ff ff   length: uint64, big-endian                             and so many bytes
 *   ff ff ff fe   length: uint32   and three more words, big-endian      and so many bytes
 *
 * The last is ours alone: CPython never sends it. It comes with descriptors, which are or hold what
 * is beside the message, and its words say what that is.
 *
 * Nothing here reads beyond a frame: the descriptor may be shared with another process, which gets
 * the next. Nothing makes it non-blocking. Sockets are read and written with MSG_DONTWAIT; other
 * descriptors, which may be pipes, are asked with poll first and written to in pieces that do not
 * block. No SIGPIPE: -EPIPE. Any thread may call; one at a time for each direction of a stream.
 */
#ifndef MP_STREAM_H
#define MP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MP_PLAIN_HEADER = 4, MP_LONG_HEADER = 12, MP_BESIDE_HEADER = 20, MP_LONGEST_HEADER = 20 };

/* Of descriptors beside a message. */
enum { MP_MOST_BESIDE = 32 };

struct mp_beside {
  size_t count;
  int descriptors[MP_MOST_BESIDE];
};

enum mp_frame_kind { MP_FRAME_BAD, MP_FRAME_PLAIN, MP_FRAME_BESIDE };

struct mp_frame {
  enum mp_frame_kind kind;
  uint64_t length;
  uint32_t words[3]; /* of MP_FRAME_BESIDE */
};

/* Returns the length of the header. */
size_t mp_frame_write(const struct mp_frame *frame, uint8_t header[MP_LONGEST_HEADER]);

/* How many bytes of a header there are, as far as the first `present` bytes tell: 4 at least. */
size_t mp_frame_header_length(const uint8_t *header, size_t present);

/* A whole header. MP_FRAME_BAD for a negative length. */
struct mp_frame mp_frame_read(const uint8_t *header);

/*
 * `timeout` is how many milliseconds a call may wait in all; 0: not at all; negative: it looks
 * again some 20 times, letting others run in between, and does not sleep. With a timeout it does so
 * first.
 */

/*
 * Sends what is left of header and bytes, in one system call if there is room. `sent` counts both,
 * before and after. `beside`: what goes with the first byte; NULL: nothing. It stays the caller's.
 * 0: all is sent. -EAGAIN: the time is up, or it would have to wait. -EINTR: a signal's handler ran
 * while it waited. Otherwise what the system says; `sent` is right in any case.
 */
int mp_stream_send(int descriptor, const struct mp_frame *frame, const void *bytes,
                   const struct mp_beside *beside, size_t *sent, double timeout);

/*
 * Reads until `length` bytes are there; `present` counts them, before and after.
 * 0: they are. -EAGAIN, -EINTR: as above. -ENODATA: end of file.
 * Descriptors that come along are added to `beside` and are the caller's; where there is no room
 * for one it is closed. NULL: they are not asked for, and lost.
 */
int mp_stream_receive(int descriptor, void *bytes, size_t length, size_t *present,
                      struct mp_beside *beside, double timeout);

/* A message, or as much of it as there is. */
struct mp_incoming {
  uint8_t header[MP_LONGEST_HEADER];
  size_t header_present;
  struct mp_frame frame; /* once the header is whole */
  size_t present;        /* bytes of the message */
  struct mp_beside beside;
};

/*
 * Goes on reading one frame, whose bytes go to `bytes` if there is room for all of them; otherwise
 * they are left alone once the header is read. 0: it is whole, or its header is and the rest is for
 * the caller to read. Otherwise as above; at the end of file something may be there already.
 *
 */
int mp_stream_receive_frame(int descriptor, struct mp_incoming *incoming, void *bytes, size_t room,
                            double timeout);

#endif

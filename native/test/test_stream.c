#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "mp_stream.h"
#include "runner.h"

static int receive(int socket, struct mp_incoming *incoming, void *bytes, size_t room) {
  return mp_stream_receive_frame(socket, incoming, bytes, room, 0);
}

static int send_bytes(int socket, const void *bytes, size_t length, size_t *sent) {
  struct mp_frame frame = {.kind = MP_FRAME_PLAIN, .length = length};
  return mp_stream_send(socket, &frame, bytes, NULL, sent, 0);
}

static void close_all(const int *descriptors, size_t count) {
  for (size_t i = 0; i < count; i++) EXPECT_EQUAL(mp_descriptor_close(descriptors[i]), 0);
}

static void headers_are_cpythons(void) {
  uint8_t header[MP_LONGEST_HEADER];
  struct mp_frame frame = {.kind = MP_FRAME_PLAIN, .length = 0x01020304};
  EXPECT_EQUAL(mp_frame_write(&frame, header), 4);
  EXPECT_EQUAL(memcmp(header, "\1\2\3\4", 4), 0);
  frame.length = UINT64_C(0x80000000);
  EXPECT_EQUAL(mp_frame_write(&frame, header), 12);
  EXPECT_EQUAL(memcmp(header, "\377\377\377\377\0\0\0\0\200\0\0\0", 12), 0);
  EXPECT_EQUAL(mp_frame_header_length(header, 3), 4);
  EXPECT_EQUAL(mp_frame_header_length(header, 4), 12);
  EXPECT_EQUAL(mp_frame_read(header).length, UINT64_C(0x80000000));
  memcpy(header, "\200\0\0\0", 4);
  EXPECT_EQUAL(mp_frame_read(header).kind, MP_FRAME_BAD);
}

static void comes_in_pieces(void) {
  const char frame[] = "\0\0\0\3abc\0\0\0\1";
  int pair[2];
  EXPECT_EQUAL(mp_socket_pair(pair), 0);
  for (size_t cut = 1; cut < 7; cut++) {
    struct mp_incoming incoming = {0};
    char bytes[8] = "";
    EXPECT_EQUAL(receive(pair[1], &incoming, bytes, sizeof bytes), -EAGAIN);
    EXPECT_EQUAL(write(pair[0], frame, cut), cut);
    EXPECT_EQUAL(receive(pair[1], &incoming, bytes, sizeof bytes), -EAGAIN);
    EXPECT_EQUAL(write(pair[0], frame + cut, 11 - cut), 11 - cut);
    EXPECT_EQUAL(receive(pair[1], &incoming, bytes, sizeof bytes), 0);
    EXPECT_EQUAL(incoming.frame.length, 3);
    EXPECT_EQUAL(memcmp(bytes, "abc", 3), 0);
    EXPECT_EQUAL(read(pair[1], bytes, sizeof bytes), 4); /* the next one's header is still there */
  }
  close_all(pair, 2);
}

static void long_ones_are_left_alone(void) {
  int pair[2];
  char bytes[8];
  struct mp_incoming incoming = {0};
  size_t sent = 0;
  EXPECT_EQUAL(mp_socket_pair(pair), 0);
  EXPECT_EQUAL(send_bytes(pair[0], "0123456789", 10, &sent), 0);
  EXPECT_EQUAL(sent, 14);
  EXPECT_EQUAL(receive(pair[1], &incoming, bytes, sizeof bytes), 0);
  EXPECT_EQUAL(incoming.frame.length, 10);
  EXPECT_EQUAL(incoming.present, 0);
  EXPECT_EQUAL(read(pair[1], bytes, 1), 1);
  EXPECT_EQUAL(bytes[0], '0');
  close_all(pair, 2);
}

static void ends_and_errors(void) {
  int pair[2];
  char bytes[8];
  struct mp_incoming incoming = {0};
  size_t sent = 0;
  EXPECT_EQUAL(mp_socket_pair(pair), 0);
  EXPECT_EQUAL(write(pair[0], "\0\0", 2), 2);
  EXPECT_EQUAL(mp_descriptor_close(pair[0]), 0);
  EXPECT_EQUAL(receive(pair[1], &incoming, bytes, sizeof bytes), -ENODATA);
  EXPECT_EQUAL(incoming.header_present, 2);
  EXPECT_EQUAL(send_bytes(pair[1], "a", 1, &sent), -EPIPE);
  EXPECT_EQUAL(sent, 0);
  close_all(pair + 1, 1);
}

static void takes_up_again(void) {
  enum { LENGTH = 1000000 };
  static uint8_t out[LENGTH];
  static uint8_t in[LENGTH];
  int pair[2];
  size_t sent = 0;
  struct mp_incoming incoming = {0};
  for (size_t i = 0; i < LENGTH; i++) out[i] = (uint8_t)(i * 7 / 3);
  EXPECT_EQUAL(mp_socket_pair(pair), 0);
  int sending = -EAGAIN;
  int receiving = -EAGAIN;
  for (int turn = 0; turn < 10000 && receiving == -EAGAIN; turn++) {
    if (sending == -EAGAIN) sending = send_bytes(pair[0], out, LENGTH, &sent);
    receiving = receive(pair[1], &incoming, in, LENGTH);
  }
  EXPECT_EQUAL(sending, 0);
  EXPECT_EQUAL(receiving, 0);
  EXPECT_EQUAL(memcmp(in, out, LENGTH), 0);
  close_all(pair, 2);
}

static void waits_as_long_as_it_may(void) {
  int pair[2];
  char bytes[8];
  struct mp_incoming incoming = {0};
  EXPECT_EQUAL(mp_socket_pair(pair), 0);
  double start = now_in_milliseconds();
  EXPECT_EQUAL(mp_stream_receive_frame(pair[1], &incoming, bytes, sizeof bytes, 30), -EAGAIN);
  EXPECT(now_in_milliseconds() - start >= 30);
  EXPECT_EQUAL(fcntl(pair[1], F_GETFL) & O_NONBLOCK, 0);
  close_all(pair, 2);
}

/* A byte every few milliseconds, for as long as anybody reads. */
static void drip(void *argument) {
  const int *pair = argument;
  const struct timespec pause = {.tv_nsec = 2000000};
  char header[4] = {0, 0, 4, 0};
  EXPECT_EQUAL(mp_descriptor_close(pair[1]), 0);
  EXPECT_EQUAL(write(pair[0], header, sizeof header), sizeof header);
  while (send(pair[0], "x", 1, MSG_NOSIGNAL) == 1) (void)nanosleep(&pause, NULL);
}

static void waits_no_longer_for_one_who_drips(void) {
  int pair[2];
  char bytes[1024];
  struct mp_incoming incoming = {0};
  EXPECT_EQUAL(mp_socket_pair(pair), 0);
  pid_t child = start_child(drip, pair);
  EXPECT_EQUAL(mp_stream_receive_frame(pair[1], &incoming, bytes, sizeof bytes, 100), -EAGAIN);
  EXPECT(incoming.present < sizeof bytes);
  close_all(pair, 2);
  EXPECT_EQUAL(end_of(child), 0);
}

static void descriptors_go_beside(void) {
  int pair[2];
  int given[2];
  char bytes[8];
  struct mp_frame frame = {.kind = MP_FRAME_BESIDE, .length = 2, .words = {1, 2, UINT32_MAX}};
  struct mp_incoming incoming = {0};
  size_t sent = 0;
  EXPECT_EQUAL(mp_socket_pair(pair), 0);
  EXPECT_EQUAL(mp_socket_pair(given), 0);
  struct mp_beside beside = {.count = 2, .descriptors = {given[0], given[1]}};
  EXPECT_EQUAL(mp_stream_send(pair[0], &frame, "ab", &beside, &sent, 0), 0);
  close_all(given, 2);
  EXPECT_EQUAL(receive(pair[1], &incoming, bytes, sizeof bytes), 0);
  EXPECT_EQUAL(incoming.frame.kind, MP_FRAME_BESIDE);
  EXPECT_EQUAL(incoming.frame.words[2], UINT32_MAX);
  EXPECT_EQUAL(incoming.beside.count, 2);
  EXPECT(is_close_on_exec(incoming.beside.descriptors[0]));
  EXPECT_EQUAL(write(incoming.beside.descriptors[0], "x", 1), 1);
  EXPECT_EQUAL(read(incoming.beside.descriptors[1], bytes, 1), 1);
  close_all(incoming.beside.descriptors, 2);
  close_all(pair, 2);
}

static void pipes_do_as_well(void) {
  int ends[2];
  char bytes[8];
  struct mp_incoming incoming = {0};
  size_t sent = 0;
  static uint8_t large[200000];
  EXPECT_EQUAL(pipe2(ends, O_CLOEXEC), 0);
  EXPECT_EQUAL(receive(ends[0], &incoming, bytes, sizeof bytes), -EAGAIN);
  EXPECT_EQUAL(send_bytes(ends[1], "pipe", 4, &sent), 0);
  EXPECT_EQUAL(receive(ends[0], &incoming, bytes, sizeof bytes), 0);
  EXPECT_EQUAL(memcmp(bytes, "pipe", 4), 0);
  sent = 0;
  EXPECT_EQUAL(send_bytes(ends[1], large, sizeof large, &sent), -EAGAIN); /* and does not block */
  EXPECT(sent > 0);
  close_all(ends, 2);
}

static void a_place_becomes_a_descriptor(void) {
  int pair[2];
  int place = -1;
  EXPECT_EQUAL(mp_socket_pair(pair), 0);
  EXPECT_EQUAL(mp_descriptor_reserve(&place), 0);
  EXPECT_EQUAL(fcntl(place, F_SETFL, O_NONBLOCK), 0);
  EXPECT_EQUAL(mp_descriptor_occupy(place, pair[0]), 0);
  EXPECT(is_close_on_exec(place));
  EXPECT_EQUAL(fcntl(pair[0], F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQUAL(write(place, "x", 1), 1);
  int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  EXPECT_EQUAL(mp_descriptor_occupy(place, file), -EPERM);
  close_all((int[]){place, file, pair[0], pair[1]}, 4);
}

TEST_FILE(stream_tests, "stream", {"headers are those of CPython", headers_are_cpythons},
          {"a frame comes in any pieces", comes_in_pieces},
          {"what has no room is left alone", long_ones_are_left_alone},
          {"ends and errors are told apart", ends_and_errors},
          {"a long message is taken up again", takes_up_again},
          {"a wait is as long as it may be", waits_as_long_as_it_may},
          {"one who sends byte by byte makes it no longer", waits_no_longer_for_one_who_drips},
          {"descriptors go beside a message", descriptors_go_beside},
          {"pipes do as well as sockets", pipes_do_as_well},
          {"a place comes to mean a descriptor", a_place_becomes_a_descriptor});

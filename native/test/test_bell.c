#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "mp_bell.h"
#include "mp_descriptor.h"
#include "mp_futex.h"
#include "runner.h"

static const char arena[] = "00112233445566778899aabbccddeeff";

enum { RINGERS = 4, RINGS = 500 };

struct scene {
  struct mp_bell bell;
  _Atomic int answered; /* the sequence up to which the listener has looked */
};

static struct mp_ringer new_ringer(void) {
  struct mp_ringer ringer = {.socket = -1};
  EXPECT_EQUAL(mp_ringer_open(&ringer, arena), 0);
  return ringer;
}

static int listen_at(int32_t slot) {
  int socket = -1;
  EXPECT_EQUAL(mp_bell_listen(arena, slot, &socket), 0);
  return socket;
}

static bool is_readable(int socket, double timeout) {
  short ready = 0;
  EXPECT_EQUAL(mp_descriptor_poll(socket, POLLIN, timeout, &ready), 0);
  return ready != 0;
}

static void names_must_be_right(void) {
  struct mp_ringer ringer;
  int socket = -1;
  EXPECT_EQUAL(mp_ringer_open(&ringer, "short"), -EINVAL);
  EXPECT_EQUAL(mp_bell_listen("00112233445566778899AABBCCDDEEFF", 1, &socket), -EINVAL);
  EXPECT_EQUAL(mp_bell_listen(arena, -1, &socket), -EINVAL);
}

static void has_one_listener(void) {
  int first = listen_at(1);
  int second = -1;
  EXPECT(is_close_on_exec(first));
  EXPECT_EQUAL(mp_bell_listen(arena, 1, &second), -EADDRINUSE);
  EXPECT_EQUAL(mp_descriptor_close(first), 0);
  second = listen_at(1); /* the name goes with the socket */
  EXPECT_EQUAL(mp_descriptor_close(second), 0);
}

static void awake_costs_nothing(void) {
  struct mp_ringer ringer = new_ringer();
  struct mp_bell bell = {0, MP_BELL_AWAKE};
  bool reached = true;
  int socket = listen_at(1);
  EXPECT_EQUAL(mp_bell_ring(&ringer, &bell, 1), 0);
  EXPECT_EQUAL(bell.sequence, 1);
  EXPECT_EQUAL(mp_bell_wake(&ringer, &bell, 1, &reached), 0);
  EXPECT(!reached);
  EXPECT(!is_readable(socket, 0));
  EXPECT_EQUAL(mp_descriptor_close(socket), 0);
  EXPECT_EQUAL(mp_ringer_close(&ringer), 0);
}

static void is_sent_once_while_polling(void) {
  struct mp_ringer ringer = new_ringer();
  struct mp_bell bell = {0, MP_BELL_POLLING};
  char byte;
  int socket = listen_at(1);
  for (int i = 0; i < 100; i++) EXPECT_EQUAL(mp_bell_ring(&ringer, &bell, 1), 0);
  EXPECT_EQUAL(bell.mode, MP_BELL_AWAKE);
  EXPECT_EQUAL(bell.sequence, 100);
  EXPECT_EQUAL(recv(socket, &byte, 1, 0), 1);
  EXPECT(recv(socket, &byte, 1, 0) < 0 && errno == EAGAIN);
  EXPECT_EQUAL(mp_descriptor_close(socket), 0);
  EXPECT_EQUAL(mp_ringer_close(&ringer), 0);
}

/* What an event loop and a blocking wait do, in turns, until all rings are accounted for. */
static void answer_all(void *argument) {
  struct scene *scene = argument;
  int socket = listen_at(2);
  for (int turn = 0; scene->answered < RINGERS * RINGS; turn++) {
    bool polls = turn % 2 == 0;
    scene->bell.mode = polls ? MP_BELL_POLLING : MP_BELL_BLOCKED;
    int32_t seen = scene->bell.sequence; /* after the mode: pairs with mp_bell_ring */
    struct timespec deadline;
    enum mp_futex_result result = MP_FUTEX_WOKEN;
    EXPECT_EQUAL(mp_deadline_after(20000, &deadline), 0);
    if (seen != scene->answered) {
      scene->answered = seen;
    } else if (polls) {
      EXPECT(is_readable(socket, 20000));
    } else {
      EXPECT_EQUAL(mp_futex_wait((int32_t *)&scene->bell.sequence, seen, &deadline, &result), 0);
      EXPECT_EQUAL(result, MP_FUTEX_WOKEN);
    }
    scene->bell.mode = MP_BELL_AWAKE;
    if (polls) EXPECT_EQUAL(mp_bell_drain(socket), 0);
  }
}

static void ring_often(void *argument) {
  struct scene *scene = argument;
  struct mp_ringer ringer = new_ringer();
  for (int i = 0; i < RINGS; i++) {
    EXPECT_EQUAL(mp_bell_ring(&ringer, &scene->bell, 2), 0);
    if (i % 16 == 0) sleep_milliseconds(1);
  }
  EXPECT_EQUAL(mp_ringer_close(&ringer), 0);
}

static void no_ring_is_lost(void) {
  struct scene *scene = shared_page();
  pid_t ringers[RINGERS];
  pid_t listener = start_child(answer_all, scene);
  while (scene->bell.mode == MP_BELL_AWAKE) sleep_milliseconds(1); /* until it listens */
  for (int i = 0; i < RINGERS; i++) ringers[i] = start_child(ring_often, scene);
  for (int i = 0; i < RINGERS; i++) EXPECT_EQUAL(end_of(ringers[i]), 0);
  EXPECT_EQUAL(end_of(listener), 0);
  EXPECT_EQUAL(scene->answered, RINGERS * RINGS);
}

static void nobody_listens(void) {
  struct mp_ringer ringer = new_ringer();
  struct mp_bell bell = {0, MP_BELL_POLLING};
  bool reached = true;
  EXPECT_EQUAL(mp_bell_wake(&ringer, &bell, 77, &reached), 0);
  EXPECT(!reached);
  bell.mode = MP_BELL_BLOCKED;
  EXPECT_EQUAL(mp_bell_wake(&ringer, &bell, 77, &reached), 0);
  EXPECT(!reached);
  EXPECT_EQUAL(mp_ringer_close(&ringer), 0);
}

static void a_full_socket_counts_as_rung(void) {
  struct mp_ringer ringer = new_ringer();
  struct mp_bell bell = {0, MP_BELL_AWAKE};
  int socket = listen_at(3);
  for (int i = 0; i < 2000; i++) {
    bool reached = false;
    EXPECT_EQUAL(mp_bell_force(&ringer, &bell, 3, &reached), 0);
    EXPECT(reached);
  }
  EXPECT_EQUAL(bell.sequence, 2000);
  int turns = 0;
  for (; is_readable(socket, 0); turns++) EXPECT_EQUAL(mp_bell_drain(socket), 0);
  EXPECT(turns >= 1);
  EXPECT_EQUAL(mp_bell_drain(socket), 0); /* nothing there: no matter */
  EXPECT_EQUAL(mp_descriptor_close(socket), 0);
  EXPECT_EQUAL(mp_ringer_close(&ringer), 0);
}

static void sleep_through_it(void *argument) {
  struct scene *scene = argument;
  struct timespec deadline;
  enum mp_futex_result result = MP_FUTEX_TIMED_OUT;
  EXPECT_EQUAL(mp_deadline_after(20000, &deadline), 0);
  scene->answered = 1;
  EXPECT_EQUAL(mp_futex_wait((int32_t *)&scene->bell.sequence, 0, &deadline, &result), 0);
  EXPECT_EQUAL(result, MP_FUTEX_WOKEN);
}

static void force_ignores_the_mode(void) {
  struct scene *scene = shared_page(); /* its mode says AWAKE, as after a ringer that died */
  struct mp_ringer ringer = new_ringer();
  bool reached;
  pid_t sleeper = start_child(sleep_through_it, scene);
  while (!scene->answered) sleep_milliseconds(1);
  EXPECT_EQUAL(mp_bell_force(&ringer, &scene->bell, 5, &reached), 0);
  EXPECT_EQUAL(end_of(sleeper), 0);
  EXPECT_EQUAL(mp_ringer_close(&ringer), 0);
}

TEST_FILE(bell_tests, "bell", {"names must be right", names_must_be_right},
          {"a slot has one listener", has_one_listener},
          {"ringing who is awake costs nothing", awake_costs_nothing},
          {"many rings of a polling listener send one message", is_sent_once_while_polling},
          {"no ring is lost, blocked or polling", no_ring_is_lost},
          {"ringing where nobody listens is no error", nobody_listens},
          {"a full socket counts as rung", a_full_socket_counts_as_rung},
          {"force wakes whatever the mode says", force_ignores_the_mode});

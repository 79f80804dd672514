#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "mp_names.h"
#include "runner.h"

enum { MANY = 100 };

static void make_arena_id(char id[MP_ARENA_ID_LENGTH + 1]) {
  (void)snprintf(id, MP_ARENA_ID_LENGTH + 1, "%032x", (unsigned)getpid());
}

static void what_is_told_is_received(void) {
  char arena[MP_ARENA_ID_LENGTH + 1];
  char message[MP_NAMES_MESSAGE] = "";
  int socket = -1;
  make_arena_id(arena);
  EXPECT_EQUAL(mp_names_tell(arena, "+1 a"), -ECONNREFUSED);
  EXPECT_EQUAL(mp_names_listen(arena, &socket), 0);
  EXPECT(is_close_on_exec(socket));
  EXPECT_EQUAL(mp_names_receive(socket, message), -EAGAIN);
  EXPECT_EQUAL(mp_names_tell(arena, "+1 a"), 0);
  EXPECT_EQUAL(mp_names_tell(arena, "-1 a\nb"), 0);
  EXPECT_EQUAL(mp_names_receive(socket, message), 0);
  EXPECT(strcmp(message, "+1 a") == 0);
  EXPECT_EQUAL(mp_names_receive(socket, message), 0);
  EXPECT(strcmp(message, "-1 a\nb") == 0);
  EXPECT_EQUAL(mp_names_receive(socket, message), -EAGAIN);
  EXPECT_EQUAL(mp_descriptor_close(socket), 0);
  EXPECT_EQUAL(mp_names_tell(arena, "+1 a"), -ECONNREFUSED);
}

static void a_tree_has_one_listener(void) {
  char arena[MP_ARENA_ID_LENGTH + 1];
  char longest[MP_NAMES_MESSAGE + 1];
  int first = -1;
  int second = -1;
  make_arena_id(arena);
  EXPECT_EQUAL(mp_names_listen(arena, &first), 0);
  EXPECT_EQUAL(mp_names_listen(arena, &second), -EADDRINUSE);
  EXPECT_EQUAL(mp_descriptor_close(first), 0);
  EXPECT_EQUAL(mp_names_listen("x", &second), -EINVAL);
  EXPECT_EQUAL(mp_names_tell("x", "+1 a"), -EINVAL);
  memset(longest, 'x', sizeof longest);
  longest[sizeof longest - 1] = '\0';
  EXPECT_EQUAL(mp_names_tell(arena, longest), -EINVAL);
}

static void tell_many(void *argument) {
  for (int i = 0; i < MANY; i++) EXPECT_EQUAL(mp_names_tell(argument, "+1 a"), 0);
}

/* More than a socket's queue has room for. */
static void a_teller_waits_for_room(void) {
  char arena[MP_ARENA_ID_LENGTH + 1];
  char message[MP_NAMES_MESSAGE];
  int socket = -1;
  make_arena_id(arena);
  EXPECT_EQUAL(mp_names_listen(arena, &socket), 0);
  pid_t child = start_child(tell_many, arena);
  double deadline = now_in_milliseconds() + 20000;
  int received = 0;
  while (received < MANY && now_in_milliseconds() < deadline) {
    if (mp_names_receive(socket, message) == 0) received++;
  }
  EXPECT_EQUAL(received, MANY);
  EXPECT_EQUAL(end_of(child), 0);
  EXPECT_EQUAL(mp_descriptor_close(socket), 0);
}

TEST_FILE(names_tests, "names", {"what is told is received", what_is_told_is_received},
          {"a tree has one listener", a_tree_has_one_listener},
          {"a teller waits for room", a_teller_waits_for_room});

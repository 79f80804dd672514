#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "mp_names.h"
#include "mp_process.h"
#include "runner.h"
#include "tracker.h"

enum { SEGMENTS = 40 };

struct made {
  char name[64];
  char identity[MP_IDENTITY];
  int descriptor;
};

static void make(struct made *made, const char *name) {
  (void)snprintf(made->name, sizeof made->name, "psm_polyprocess_%d%s", (int)getpid(), name);
  EXPECT_EQUAL(mp_memory_open_unnamed(&made->descriptor), 0);
  EXPECT_EQUAL(mp_memory_identity(made->descriptor, made->identity), 0);
  EXPECT_EQUAL(mp_memory_link_named(made->descriptor, made->name), 0);
}

static void say(struct table *table, char what, const struct made *made) {
  char message[MP_NAMES_MESSAGE];
  (void)snprintf(message, sizeof message, "%c%.47s %.63s", what, made->identity, made->name);
  EXPECT_EQUAL(table_apply(table, message), 0);
}

static bool exists(const struct made *made) {
  int descriptor = -1;
  if (mp_memory_open_named(made->name, false, &descriptor) < 0) return false;
  EXPECT_EQUAL(mp_descriptor_close(descriptor), 0);
  return true;
}

static void drop(struct made *made) {
  EXPECT_EQUAL(mp_descriptor_close(made->descriptor), 0);
  if (exists(made)) EXPECT_EQUAL(mp_memory_unlink_named(made->name), 0);
}

static void what_was_noted_is_unlinked(void) {
  struct table table = {0};
  struct made made[SEGMENTS];
  for (int i = 0; i < SEGMENTS; i++) {
    char name[16];
    (void)snprintf(name, sizeof name, "_%d", i);
    make(&made[i], name);
    say(&table, '+', &made[i]);
    say(&table, '+', &made[i]);
  }
  for (int i = 1; i < SEGMENTS; i++) say(&table, '-', &made[i]);
  EXPECT_EQUAL(table.count, 1);
  char *warning = table_unlink(&table);
  EXPECT(warning != NULL && strstr(warning, " 1 leaked shared memory segment, ") != NULL);
  EXPECT(warning != NULL && strstr(warning, made[0].name) != NULL);
  EXPECT(!exists(&made[0]) && exists(&made[1]));
  free(warning);
  table_free(&table);
  for (int i = 0; i < SEGMENTS; i++) drop(&made[i]);
}

static void another_by_the_same_name_stays(void) {
  struct table table = {0};
  struct made first;
  struct made second;
  make(&first, "");
  say(&table, '+', &first);
  EXPECT_EQUAL(mp_memory_unlink_named(first.name), 0);
  make(&second, "");
  EXPECT(table_unlink(&table) == NULL);
  EXPECT(exists(&second));
  /* A message about one says nothing about the other. */
  say(&table, '+', &second);
  say(&table, '-', &first);
  char *warning = table_unlink(&table);
  EXPECT(warning != NULL && !exists(&second));
  free(warning);
  table_free(&table);
  drop(&first);
  drop(&second);
}

static void a_warning_is_one_line(void) {
  struct table table = {0};
  struct made made[2];
  make(&made[0], "\n");
  make(&made[1], "_\x1b[1m");
  say(&table, '+', &made[0]);
  say(&table, '+', &made[1]);
  char *warning = table_unlink(&table);
  EXPECT(warning != NULL && strchr(warning, '\n') == warning + strlen(warning) - 1);
  EXPECT(warning != NULL && strchr(warning, '\x1b') == NULL);
  EXPECT(warning != NULL && strstr(warning, " 2 leaked shared memory segments, ") != NULL);
  free(warning);
  table_free(&table);
  drop(&made[0]);
  drop(&made[1]);
}

static void other_messages_are_refused(void) {
  static const char *const bad[] = {
      "", "+", "+1", "+1 ", "?1 a", "+0123456789012345678901234567890123456789012345678 a"};
  struct table table = {0};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    EXPECT_EQUAL(table_apply(&table, bad[i]), -EINVAL);
  }
  EXPECT_EQUAL(table.count, 0);
  table_free(&table);
}

/* A process of the tree: it lives until something is written to its pipe. */
struct member {
  const char *arena;
  int memory;
  int ends[2];
  pid_t pid;
};

static void live(void *argument) {
  const struct member *member = argument;
  char byte = 0;
  EXPECT_EQUAL(mp_byte_lock(member->memory, (uint64_t)getpid()), 0);
  EXPECT_EQUAL(read(member->ends[0], &byte, 1), 1);
  EXPECT_EQUAL(mp_names_tell(member->arena, "+1 last"), 0);
}

static void start_member(struct member *member) {
  pid_t owner = 0;
  double deadline = now_in_milliseconds() + 20000;
  EXPECT_EQUAL(pipe(member->ends), 0);
  member->pid = start_child(live, member);
  while (owner != member->pid && now_in_milliseconds() < deadline) {
    EXPECT_EQUAL(mp_byte_lock_owner(member->memory, (uint64_t)member->pid, &owner), 0);
  }
  EXPECT_EQUAL(owner, member->pid);
}

static void end_member(struct member *member) {
  EXPECT_EQUAL(write(member->ends[1], "x", 1), 1);
  EXPECT_EQUAL(end_of(member->pid), 0);
  EXPECT_EQUAL(close(member->ends[0]) + close(member->ends[1]), 0);
}

static void serve_in_child(void *argument) {
  struct tree *tree = argument;
  struct table table = {0};
  serve(tree, &table);
  EXPECT_EQUAL(table.count, 2);
  EXPECT(table.count == 2 && strcmp(table.segments[0].name, "first") == 0);
  EXPECT(table.count == 2 && strcmp(table.segments[1].name, "last") == 0);
  table_free(&table);
}

static void it_serves_until_the_last_has_ended(void) {
  char arena[MP_ARENA_ID_LENGTH + 1];
  int memory = -1;
  struct tree tree = {.main = -1};
  (void)snprintf(arena, sizeof arena, "%032x", (unsigned)getpid());
  EXPECT_EQUAL(mp_memory_create("polyprocess-test", &memory), 0);
  EXPECT_EQUAL(mp_names_listen(arena, &tree.socket), 0);
  tree.arena = memory;
  struct member first = {.arena = arena, .memory = memory};
  struct member other = {.arena = arena, .memory = memory};
  start_member(&first);
  start_member(&other);
  EXPECT_EQUAL(mp_pidfd_open(first.pid, &tree.main), 0);
  pid_t tracker = start_child(serve_in_child, &tree);
  EXPECT_EQUAL(mp_names_tell(arena, "+1 first"), 0);
  end_member(&first);
  EXPECT_EQUAL(mp_names_tell(arena, "-1 last"), 0); /* of the main process, but another is there */
  end_member(&other);
  EXPECT_EQUAL(end_of(tracker), 0);
  EXPECT_EQUAL(mp_descriptor_close(tree.main), 0);
  EXPECT_EQUAL(mp_descriptor_close(tree.socket), 0);
  EXPECT_EQUAL(mp_descriptor_close(memory), 0);
}

TEST_FILE(tracker_tests, "tracker", {"what was noted is unlinked", what_was_noted_is_unlinked},
          {"another by the same name stays", another_by_the_same_name_stays},
          {"a warning is one line", a_warning_is_one_line},
          {"other messages are refused", other_messages_are_refused},
          {"it serves until the last has ended", it_serves_until_the_last_has_ended});

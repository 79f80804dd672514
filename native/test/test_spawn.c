#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "mp_memory.h"
#include "mp_spawn.h"
#include "runner.h"

enum { LABELS = 3 };

static char *const environment[] = {"PATH=/usr/bin:/bin", "COLOUR=blue", NULL};

static int start(struct mp_spawn_plan plan, const char *script, struct mp_spawned *spawned) {
  char *arguments[] = {"sh", "-c", (char *)script, NULL};
  static const int standard[] = {-1, 1, 2};
  plan.file = plan.file != NULL ? plan.file : "/bin/sh";
  plan.arguments = arguments;
  plan.environment = environment;
  if (plan.descriptors == NULL) {
    plan.descriptors = standard;
    plan.descriptor_count = 3;
  }
  return mp_spawn(&plan, spawned);
}

/* The exit code of a script run by the shell under this plan. */
static int result_of(struct mp_spawn_plan plan, const char *script) {
  struct mp_spawned spawned;
  int error = start(plan, script, &spawned);
  EXPECT_EQUAL(error, 0);
  if (error < 0) return error;
  EXPECT(is_close_on_exec(spawned.pidfd));
  EXPECT_EQUAL(mp_descriptor_close(spawned.pidfd), 0);
  return end_of(spawned.pid);
}

static void runs_a_program(void) {
  struct mp_spawn_plan plan = {0};
  EXPECT_EQUAL(result_of(plan, "exit 7"), 7);
  EXPECT_EQUAL(result_of(plan, "test \"$COLOUR\" = blue"), 0);
  EXPECT_EQUAL(result_of(plan, "kill -9 $$"), -SIGKILL);
}

static void goes_where_it_is_sent(void) {
  struct mp_spawn_plan plan = {.directory = "/usr/bin"};
  EXPECT_EQUAL(result_of(plan, "test \"$(pwd -P)\" = \"$(cd /usr/bin && pwd -P)\""), 0);
}

static void leads_a_group_if_asked(void) {
  static const char script[] =
      "read pid name state parent group rest < /proc/self/stat; test $pid = $group";
  struct mp_spawn_plan plan = {.process_group = true};
  EXPECT_EQUAL(result_of(plan, script), 0);
  plan.process_group = false;
  EXPECT_EQUAL(result_of(plan, script), 1);
}

static void label(int descriptor, const char *text) {
  int memory = -1;
  EXPECT_EQUAL(mp_memory_create("polyprocess-test", &memory), 0);
  EXPECT_EQUAL(write(memory, text, strlen(text)), strlen(text));
  EXPECT_EQUAL(dup2(memory, descriptor), descriptor);
  EXPECT_EQUAL(mp_descriptor_close(memory), 0);
}

/* Sources and targets cover the same numbers, 20 to 22, in every possible confusion. */
static void any_numbers_may_overlap(void) {
  static const int orders[][LABELS] = {{20, 21, 22}, {22, 20, 21}, {21, 20, 22},
                                       {22, 21, 20}, {20, 20, 20}, {22, 22, 21}};
  label(20, "a");
  label(21, "b");
  label(22, "c");
  for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
    int descriptors[20 + LABELS];
    char script[400];
    for (int j = 0; j < 20; j++) descriptors[j] = j == 1 || j == 2 ? j : -1;
    memcpy(descriptors + 20, orders[i], sizeof orders[i]);
    (void)snprintf(script, sizeof script,
                   "test \"$(cat /proc/$$/fd/20 /proc/$$/fd/21 /proc/$$/fd/22)\" = %c%c%c && "
                   "test \"$(readlink /proc/$$/fd/19)\" = /dev/null",
                   'a' + orders[i][0] - 20, 'a' + orders[i][1] - 20, 'a' + orders[i][2] - 20);
    struct mp_spawn_plan plan = {.descriptors = descriptors, .descriptor_count = 20 + LABELS};
    EXPECT_EQUAL(result_of(plan, script), 0);
  }
  for (int j = 20; j < 20 + LABELS; j++) EXPECT_EQUAL(mp_descriptor_close(j), 0);
}

static void standard_streams_may_be_exchanged(void) {
  static const int exchanged[] = {2, 0, 1};
  int input = dup(STDIN_FILENO);
  EXPECT(input >= 0);
  label(STDIN_FILENO, "from memory");
  struct mp_spawn_plan plan = {.descriptors = exchanged, .descriptor_count = 3};
  EXPECT_EQUAL(result_of(plan, "test \"$(cat /proc/$$/fd/1)\" = 'from memory'"), 0);
  EXPECT_EQUAL(dup2(input, STDIN_FILENO), STDIN_FILENO);
  EXPECT_EQUAL(mp_descriptor_close(input), 0);
}

static void nothing_else_is_inherited(void) {
  int leaked = fcntl(STDERR_FILENO, F_DUPFD, 40); /* as a careless library would leave it */
  char script[100];
  EXPECT(leaked >= 40);
  struct mp_spawn_plan plan = {0};
  (void)snprintf(script, sizeof script, "test ! -e /proc/$$/fd/%d", leaked);
  EXPECT_EQUAL(result_of(plan, script), 0);
  EXPECT(!is_close_on_exec(leaked)); /* the parent's is as it was */
  EXPECT_EQUAL(mp_descriptor_close(leaked), 0);
}

static void ignore(int signal) {
  (void)signal;
}

static void signals_start_fresh(void) {
  static const char script[] = "grep -q '^SigBlk:.0*$' /proc/self/status && "
                               "grep -q '^SigIgn:.0*$' /proc/self/status";
  sigset_t blocked;
  sigset_t before;
  sigset_t after;
  EXPECT_EQUAL(sigemptyset(&blocked), 0);
  EXPECT_EQUAL(sigaddset(&blocked, SIGUSR1), 0);
  EXPECT_EQUAL(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
  EXPECT(signal(SIGHUP, SIG_IGN) != SIG_ERR && signal(SIGUSR2, ignore) != SIG_ERR);
  struct mp_spawn_plan plan = {0};
  EXPECT_EQUAL(result_of(plan, script), 0);
  EXPECT_EQUAL(sigprocmask(SIG_SETMASK, &before, &after), 0);
  EXPECT_EQUAL(sigismember(&after, SIGUSR1), 1); /* ours are as they were */
  EXPECT_EQUAL(sigismember(&after, SIGTERM), 0);
  EXPECT(signal(SIGHUP, SIG_DFL) == SIG_IGN && signal(SIGUSR2, SIG_DFL) == ignore);
}

static void failures_are_the_callers(void) {
  struct mp_spawned spawned;
  static const int bad[] = {-1, 1, 999};
  struct mp_spawn_plan missing = {.file = "/nowhere/at/all"};
  EXPECT_EQUAL(start(missing, "", &spawned), -ENOENT);
  EXPECT(strcmp(spawned.failed, "execve") == 0);
  struct mp_spawn_plan forbidden = {.file = "/etc/passwd"};
  EXPECT_EQUAL(start(forbidden, "", &spawned), -EACCES);
  struct mp_spawn_plan nowhere = {.directory = "/nowhere/at/all"};
  EXPECT_EQUAL(start(nowhere, "", &spawned), -ENOENT);
  EXPECT(strcmp(spawned.failed, "chdir") == 0);
  struct mp_spawn_plan closed = {.descriptors = bad, .descriptor_count = 3};
  EXPECT_EQUAL(start(closed, "", &spawned), -EBADF);
  EXPECT(strcmp(spawned.failed, "dup2") == 0);
}

TEST_FILE(spawn_tests, "spawn", {"a program runs with its environment", runs_a_program},
          {"it starts in its directory", goes_where_it_is_sent},
          {"it leads a process group if asked", leads_a_group_if_asked},
          {"numbers of descriptors may overlap", any_numbers_may_overlap},
          {"standard streams may be exchanged", standard_streams_may_be_exchanged},
          {"other descriptors are not inherited", nothing_else_is_inherited},
          {"signals start fresh and stay as they were here", signals_start_fresh},
          {"what fails in the child fails here, without a zombie", failures_are_the_callers});

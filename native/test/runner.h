/* A test is a function; a failed EXPECT is counted and the test goes on. After every test the
 * runner looks for children and descriptors that were left behind. */
#ifndef RUNNER_H
#define RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "mp_bell.h"

struct test {
  const char *title;
  void (*run)(void);
};

struct test_file {
  const char *name;
  const struct test *tests;
  size_t count;
};

#define TEST_FILE(variable, file_name, ...)                                                        \
  static const struct test variable##_list[] = {__VA_ARGS__};                                      \
  const struct test_file variable = {file_name, variable##_list,                                   \
                                     sizeof variable##_list / sizeof variable##_list[0]}

extern const struct test_file memory_tests, byte_lock_tests, futex_tests, bell_tests, process_tests,
    spawn_tests, watcher_tests, user_tests, descriptor_tests, features_tests, names_tests,
    signals_tests, tracker_tests, stream_tests, keeper_tests, socket_tests;

#define EXPECT(condition) expect((condition), #condition, __FILE__, __LINE__)
#define EXPECT_EQUAL(actual, expected)                                                             \
  expect_equal((long)(actual), (long)(expected), #actual, __FILE__, __LINE__)

void expect(bool succeeded, const char *condition, const char *file, int line);
void expect_equal(long actual, long expected, const char *what, const char *file, int line);

/* Runs `body` in a forked child, which ends with the number of its failed expectations. */
pid_t start_child(void (*body)(void *), void *argument);

/* Ends a forked child by the kernel alone: a sanitizer's own exit would look for threads that only
 * the parent has. */
_Noreturn void leave_now(int code);

/* Waits for a child: its exit code, or minus the signal that ended it. */
int end_of(pid_t child);

/* Zeroed memory that forked children share with this process; never unmapped. */
void *shared_page(void);

int open_descriptors(void);
int running_threads(void);
double now_in_milliseconds(void);
void sleep_milliseconds(int duration);
bool is_close_on_exec(int descriptor);

#endif

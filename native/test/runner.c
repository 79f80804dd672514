#include "runner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int failures;

void expect(bool succeeded, const char *condition, const char *file, int line) {
  if (succeeded) return;
  failures++;
  (void)fprintf(stderr, "%s:%d: expected %s\n", file, line, condition);
}

void expect_equal(long actual, long expected, const char *what, const char *file, int line) {
  if (actual == expected) return;
  failures++;
  (void)fprintf(stderr, "%s:%d: expected %s to be %ld, got %ld\n", file, line, what, expected,
                actual);
}

pid_t start_child(void (*body)(void *), void *argument) {
  (void)fflush(NULL); /* or the child would print it again */
  pid_t child = fork();
  if (child < 0) {
    perror("fork");
    exit(1);
  }
  if (child > 0) return child;
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails must not leave it running */
  failures = 0;
  body(argument);
  leave_now(failures > 100 ? 100 : failures);
}

void leave_now(int code) {
  (void)syscall(SYS_exit_group, code); /* does not return */
  abort();
}

int end_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1000;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void *shared_page(void) {
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  return page;
}

static int entries_of(const char *folder) {
  DIR *directory = opendir(folder);
  if (directory == NULL) return -1;
  int count = 0;
  while (readdir(directory) != NULL) count++;
  (void)closedir(directory);
  return count;
}

int open_descriptors(void) {
  return entries_of("/proc/self/fd");
}

int running_threads(void) {
  return entries_of("/proc/self/task");
}

double now_in_milliseconds(void) {
  struct timespec now;
  EXPECT_EQUAL(clock_gettime(CLOCK_MONOTONIC, &now), 0);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void sleep_milliseconds(int duration) {
  struct timespec left = {.tv_sec = duration / 1000, .tv_nsec = duration % 1000 * 1000000L};
  while (nanosleep(&left, &left) < 0 && errno == EINTR) continue;
}

bool is_close_on_exec(int descriptor) {
  return fcntl(descriptor, F_GETFD) == FD_CLOEXEC;
}

static void run_one(const char *file, const struct test *test) {
  int before = failures;
  int descriptors = open_descriptors();
  test->run();
  EXPECT_EQUAL(open_descriptors(), descriptors);
  EXPECT(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
  if (failures > before) (void)printf("FAILED %s: %s\n", file, test->title);
}

static void *do_nothing(void *argument) {
  return argument;
}

/* The thread sanitizer starts a thread of its own with the first one, which would be counted. */
static void start_first_thread(void) {
  pthread_t thread;
  EXPECT_EQUAL(pthread_create(&thread, NULL, do_nothing, NULL), 0);
  EXPECT_EQUAL(pthread_join(thread, NULL), 0);
}

int main(void) {
  const struct test_file *files[] = {
      &memory_tests,     &byte_lock_tests, &futex_tests,   &bell_tests,
      &process_tests,    &spawn_tests,     &watcher_tests, &user_tests,
      &descriptor_tests, &features_tests,  &names_tests,   &tracker_tests,
      &stream_tests,     &keeper_tests,    &socket_tests,  &signals_tests};
  size_t count = 0;
  double start = now_in_milliseconds();
  (void)signal(SIGPIPE, SIG_IGN); /* as Node does */
  (void)setvbuf(stdout, NULL, _IOLBF, 0);
  start_first_thread();
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    for (size_t j = 0; j < files[i]->count; j++) run_one(files[i]->name, &files[i]->tests[j]);
    count += files[i]->count;
  }
  (void)printf("%zu tests, %d failed expectations, %.0f ms\n", count, failures,
               now_in_milliseconds() - start);
  return failures == 0 ? 0 : 1;
}

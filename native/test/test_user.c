/* The process that this one belongs to ends: so does this one, whatever its main thread does. */
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "mp_futex.h"
#include "mp_process.h"
#include "mp_watcher.h"
#include "runner.h"

struct scene {
  pid_t user;
  double grace;
  bool deaf;
  _Atomic int watching;
  _Atomic int terminated;
};

static void wait_for_signal(void *argument) {
  (void)argument;
  for (;;) (void)pause(); /* until killed */
}

static void watch_user(struct scene *scene) {
  struct mp_watcher *watcher = NULL;
  int pidfd = -1;
  EXPECT_EQUAL(mp_watcher_acquire(&watcher), 0);
  EXPECT_EQUAL(mp_pidfd_open(scene->user, &pidfd), 0);
  EXPECT_EQUAL(mp_watcher_watch_user(watcher, pidfd, scene->grace), 0);
  EXPECT_EQUAL(mp_watcher_watch_user(watcher, pidfd, scene->grace), 0); /* replaces */
  EXPECT_EQUAL(mp_descriptor_close(pidfd), 0);
}

static struct scene *scene_of_handler;

static void count(int signal) {
  (void)signal;
  scene_of_handler->terminated++;
}

static void belong_to_user(void *argument) {
  struct scene *scene = argument;
  scene_of_handler = scene;
  if (scene->deaf) EXPECT(signal(SIGTERM, count) != SIG_ERR);
  watch_user(scene);
  scene->watching = 1;
  while (scene->deaf) (void)pause();                  /* blocked for ever, handlers or not */
  for (volatile uint64_t busy = 0;; busy++) continue; /* no system call, no event loop */
}

static int end_after_user(double grace, bool deaf, int *terminated) {
  struct scene *scene = shared_page();
  scene->user = start_child(wait_for_signal, NULL);
  scene->grace = grace;
  scene->deaf = deaf;
  pid_t child = start_child(belong_to_user, scene);
  while (!scene->watching) sleep_milliseconds(1);
  EXPECT_EQUAL(kill(scene->user, SIGKILL), 0);
  EXPECT_EQUAL(end_of(scene->user), -SIGKILL);
  int end = end_of(child);
  *terminated = scene->terminated;
  return end;
}

static void is_told_to_end(void) {
  int terminated = 0;
  EXPECT_EQUAL(end_after_user(60000, false, &terminated), -SIGTERM);
}

static void is_killed_if_it_does_not_listen(void) {
  int terminated = 0;
  double start = now_in_milliseconds();
  EXPECT_EQUAL(end_after_user(100, true, &terminated), -SIGKILL);
  EXPECT_EQUAL(terminated, 1);
  EXPECT(now_in_milliseconds() - start >= 100);
}

static void stop_watching(void *argument) {
  struct scene *scene = argument;
  struct mp_watcher *watcher = NULL;
  int threads = running_threads();
  EXPECT_EQUAL(mp_watcher_acquire(&watcher), 0);
  watch_user(scene);
  EXPECT_EQUAL(running_threads(), threads + 1);
  mp_watcher_release(watcher);
  EXPECT_EQUAL(running_threads(), threads + 1); /* watch_user has a reference */
  mp_watcher_release(watcher);
  EXPECT_EQUAL(running_threads(), threads);
}

static void the_last_release_stops_it(void) {
  struct scene scene = {.user = getpid(), .grace = 1};
  EXPECT_EQUAL(end_of(start_child(stop_watching, &scene)), 0);
}

TEST_FILE(user_tests, "user", {"the end of the user's process is passed on", is_told_to_end},
          {"who does not listen is killed", is_killed_if_it_does_not_listen},
          {"the last release stops watching", the_last_release_stops_it});

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "mp_futex.h"
#include "mp_process.h"
#include "mp_watcher.h"
#include "runner.h"

static const char arena[] = "ffeeddccbbaa99887766554433221100";

enum { CHILDREN = 200, PATIENCE = 20000 };

/* A listener that blocks, and what it needs to be rung. */
struct scene {
  struct mp_watcher *watcher;
  struct mp_ringer ringer;
  struct mp_bell *bell;
};

static struct scene new_scene(void) {
  struct scene scene = {.bell = shared_page()};
  EXPECT_EQUAL(mp_watcher_acquire(&scene.watcher), 0);
  EXPECT_EQUAL(mp_ringer_open(&scene.ringer, arena), 0);
  scene.bell->mode = MP_BELL_BLOCKED;
  return scene;
}

static void end_scene(struct scene *scene) {
  mp_watcher_release(scene->watcher);
  EXPECT_EQUAL(mp_ringer_close(&scene->ringer), 0);
}

static int watch(struct scene *scene, const void *owner, int key, pid_t child) {
  int pidfd = -1;
  EXPECT_EQUAL(mp_pidfd_open(child, &pidfd), 0);
  struct mp_watch watch = {.pidfd = pidfd,
                           .owner = owner,
                           .key = key,
                           .bell = scene->bell,
                           .ringer = &scene->ringer,
                           .token = scene->bell};
  int error = mp_watcher_add(scene->watcher, &watch);
  EXPECT_EQUAL(mp_descriptor_close(pidfd), 0); /* the watcher has its own */
  return error;
}

static struct mp_watched_exit next_exit(struct scene *scene, const void *owner) {
  struct mp_watched_exit exit = {.key = -1};
  double limit = now_in_milliseconds() + PATIENCE;
  for (;;) {
    int32_t seen = scene->bell->sequence; /* before looking: a ring after it ends the wait */
    if (mp_watcher_take(scene->watcher, owner, &exit)) break;
    struct timespec deadline;
    enum mp_futex_result result;
    EXPECT(now_in_milliseconds() < limit);
    if (now_in_milliseconds() >= limit) break;
    EXPECT_EQUAL(mp_deadline_after(PATIENCE, &deadline), 0);
    EXPECT_EQUAL(mp_futex_wait((int32_t *)&scene->bell->sequence, seen, &deadline, &result), 0);
  }
  return exit;
}

static const int signals[] = {SIGKILL, SIGTERM, SIGUSR1};

/* Child `index` ends after some milliseconds, every third by a signal. */
static void end_somehow(void *argument) {
  int index = *(int *)argument;
  sleep_milliseconds(index * 7919 % 50);
  if (index % 3 == 0) (void)raise(signals[index / 3 % 3]);
  leave_now(index % 256);
}

static void every_end_is_told_rightly(void) {
  int threads = running_threads();
  struct scene scene = new_scene();
  pid_t children[CHILDREN];
  bool told[CHILDREN] = {false};
  for (int i = 0; i < CHILDREN; i++) children[i] = start_child(end_somehow, &i);
  for (int i = 0; i < CHILDREN; i++) EXPECT_EQUAL(watch(&scene, &scene, i, children[i]), 0);
  EXPECT(running_threads() <= threads + 1);
  for (int i = 0; i < CHILDREN; i++) {
    struct mp_watched_exit exit = next_exit(&scene, &scene);
    int key = (int)exit.key;
    EXPECT(key >= 0 && key < CHILDREN && !told[key]);
    if (key < 0 || key >= CHILDREN) break;
    told[key] = true;
    bool killed = key % 3 == 0;
    EXPECT_EQUAL(exit.exit_code, killed ? -1 : key % 256);
    EXPECT_EQUAL(exit.signal, killed ? signals[key / 3 % 3] : 0);
    EXPECT(exit.token == scene.bell);
  }
  end_scene(&scene);
  EXPECT_EQUAL(running_threads(), threads);
}

static void wait_for_signal(void *argument) {
  (void)argument;
  for (;;) (void)pause(); /* until killed */
}

static void what_is_removed_is_forgotten(void) {
  int threads = running_threads();
  struct scene scene = new_scene();
  struct mp_watched_exit exit;
  void *token = NULL;
  pid_t child = start_child(wait_for_signal, NULL);
  EXPECT_EQUAL(watch(&scene, &scene, 1, child), 0);
  EXPECT_EQUAL(watch(&scene, &scene, 1, child), -EEXIST);
  EXPECT(!mp_watcher_remove(scene.watcher, &scene, 2, &token));
  EXPECT(!mp_watcher_remove(scene.watcher, &threads, 1, &token)); /* another owner's key */
  EXPECT(mp_watcher_remove(scene.watcher, &scene, 1, &token));
  EXPECT(token == scene.bell);
  EXPECT_EQUAL(kill(child, SIGKILL), 0);
  EXPECT_EQUAL(end_of(child), -SIGKILL); /* still ours to reap */
  EXPECT(!mp_watcher_take(scene.watcher, &scene, &exit));
  while (running_threads() > threads) sleep_milliseconds(1); /* it goes when nothing is left */
  end_scene(&scene);
}

static void the_thread_comes_back(void) {
  int threads = running_threads();
  struct scene scene = new_scene();
  for (int i = 0; i < 50; i++) {
    pid_t child = start_child(end_somehow, &i);
    EXPECT_EQUAL(watch(&scene, &scene, i, child), 0);
    EXPECT_EQUAL(next_exit(&scene, &scene).key, i);
    if (i % 2 == 0) continue;
    while (running_threads() > threads) sleep_milliseconds(1);
  }
  end_scene(&scene);
}

static void owners_have_lists_of_their_own(void) {
  struct scene scene = new_scene();
  int first = 0;
  int second = 0;
  struct mp_watcher *again = NULL;
  EXPECT_EQUAL(mp_watcher_acquire(&again), 0);
  EXPECT(again == scene.watcher); /* one for the process */
  EXPECT_EQUAL(watch(&scene, &first, 1, start_child(end_somehow, &(int){1})), 0);
  EXPECT_EQUAL(watch(&scene, &second, 1, start_child(end_somehow, &(int){2})), 0);
  EXPECT_EQUAL(next_exit(&scene, &second).exit_code, 2);
  EXPECT_EQUAL(next_exit(&scene, &first).exit_code, 1);
  mp_watcher_release(again);
  end_scene(&scene);
}

static void an_owner_can_leave_all_behind(void) {
  struct scene scene = new_scene();
  void *token = NULL;
  pid_t ended = start_child(end_somehow, &(int){1});
  pid_t running = start_child(wait_for_signal, NULL);
  EXPECT_EQUAL(watch(&scene, &scene, 1, ended), 0);
  EXPECT_EQUAL(watch(&scene, &scene, 2, running), 0);
  while (kill(ended, 0) == 0) sleep_milliseconds(1); /* until the helper thread has reaped it */
  EXPECT(mp_watcher_remove_any(scene.watcher, &scene, &token));
  EXPECT(mp_watcher_remove_any(scene.watcher, &scene, &token));
  EXPECT(!mp_watcher_remove_any(scene.watcher, &scene, &token));
  end_scene(&scene);
  EXPECT_EQUAL(kill(running, SIGKILL), 0);
  EXPECT_EQUAL(end_of(running), -SIGKILL);
}

struct family {
  _Atomic pid_t grandchild;
};

static void have_a_child(void *argument) {
  struct family *family = argument;
  family->grandchild = start_child(wait_for_signal, NULL);
  EXPECT_EQUAL(end_of(family->grandchild), -SIGTERM);
}

static void of_strangers_only_the_end_is_known(void) {
  struct scene scene = new_scene();
  struct family *family = shared_page();
  pid_t child = start_child(have_a_child, family);
  while (family->grandchild == 0) sleep_milliseconds(1);
  EXPECT_EQUAL(watch(&scene, &scene, 9, family->grandchild), 0);
  EXPECT_EQUAL(kill(family->grandchild, SIGTERM), 0);
  struct mp_watched_exit exit = next_exit(&scene, &scene);
  EXPECT_EQUAL(exit.key, 9);
  EXPECT_EQUAL(exit.exit_code, -1);
  EXPECT_EQUAL(exit.signal, 0);
  EXPECT_EQUAL(end_of(child), 0);
  end_scene(&scene);
}

static void a_silenced_bell_is_not_rung(void) {
  struct scene scene = new_scene();
  struct mp_watched_exit exit = {.key = -1};
  pid_t child = start_child(wait_for_signal, NULL);
  EXPECT_EQUAL(watch(&scene, &scene, 1, child), 0);
  mp_watcher_silence(scene.watcher, scene.bell, sizeof *scene.bell);
  /* A write to the page would now be the end of this program. */
  EXPECT_EQUAL(mprotect(scene.bell, 4096, PROT_NONE), 0);
  EXPECT_EQUAL(kill(child, SIGKILL), 0);
  while (!mp_watcher_take(scene.watcher, &scene, &exit)) sleep_milliseconds(1);
  EXPECT_EQUAL(exit.signal, SIGKILL);
  EXPECT_EQUAL(mprotect(scene.bell, 4096, PROT_READ | PROT_WRITE), 0);
  end_scene(&scene);
}

/* As it is left by a ringer that claimed the bell and died before it sent anything. */
static void a_claimed_bell_is_rung_all_the_same(void) {
  struct scene scene = new_scene();
  int listener = -1;
  EXPECT_EQUAL(mp_bell_listen(arena, 0, &listener), 0);
  scene.bell->mode = MP_BELL_AWAKE;
  pid_t child = start_child(wait_for_signal, NULL);
  EXPECT_EQUAL(watch(&scene, &scene, 1, child), 0);
  EXPECT_EQUAL(kill(child, SIGKILL), 0);
  struct pollfd rung = {.fd = listener, .events = POLLIN};
  EXPECT_EQUAL(poll(&rung, 1, PATIENCE), 1);
  EXPECT_EQUAL(next_exit(&scene, &scene).signal, SIGKILL);
  EXPECT_EQUAL(mp_descriptor_close(listener), 0);
  end_scene(&scene);
}

static double processor_time(void) {
  struct timespec used;
  EXPECT_EQUAL(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used), 0);
  return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

/* The caller's pidfd is of the same open file as the watcher's. */
static void the_thread_sleeps_after_an_end(void) {
  struct scene scene = new_scene();
  int pidfd = -1;
  pid_t ended = start_child(wait_for_signal, NULL);
  pid_t running = start_child(wait_for_signal, NULL);
  EXPECT_EQUAL(mp_pidfd_open(ended, &pidfd), 0);
  struct mp_watch request = {
      .pidfd = pidfd, .owner = &scene, .key = 1, .bell = scene.bell, .ringer = &scene.ringer};
  EXPECT_EQUAL(mp_watcher_add(scene.watcher, &request), 0);
  EXPECT_EQUAL(watch(&scene, &scene, 2, running), 0);
  EXPECT_EQUAL(kill(ended, SIGKILL), 0);
  EXPECT_EQUAL(next_exit(&scene, &scene).key, 1);
  double before = processor_time();
  sleep_milliseconds(100);
  EXPECT(processor_time() - before < 50); /* of this one thread and the helper, both asleep */
  EXPECT_EQUAL(kill(running, SIGKILL), 0);
  EXPECT_EQUAL(next_exit(&scene, &scene).key, 2);
  EXPECT_EQUAL(mp_descriptor_close(pidfd), 0);
  end_scene(&scene);
}

static void watch_as_a_forked_child(void *argument) {
  struct scene *scene = argument;
  void *token = NULL;
  EXPECT_EQUAL(mp_watcher_in_child(scene->watcher, scene), 0);
  EXPECT(mp_watcher_remove(scene->watcher, scene, 1, &token)); /* the owner's own is left to it */
  EXPECT(!mp_watcher_remove_any(scene->watcher, scene, &token));
  EXPECT(!mp_watcher_remove_any(scene->watcher, &token, &token)); /* others' are gone */
  pid_t child = start_child(wait_for_signal, NULL);
  EXPECT_EQUAL(watch(scene, scene, 3, child), 0);
  EXPECT_EQUAL(kill(child, SIGTERM), 0);
  struct mp_watched_exit exit = next_exit(scene, scene);
  EXPECT_EQUAL(exit.key, 3);
  EXPECT_EQUAL(exit.signal, SIGTERM);
}

static void a_forked_child_watches_its_own(void) {
  struct scene scene = new_scene();
  pid_t watched[2];
  void *token = NULL;
  for (int i = 0; i < 2; i++) watched[i] = start_child(wait_for_signal, NULL);
  EXPECT_EQUAL(watch(&scene, &scene, 1, watched[0]), 0);
  EXPECT_EQUAL(watch(&scene, &token, 2, watched[1]), 0);
  mp_watcher_before_fork(scene.watcher);
  pid_t child = start_child(watch_as_a_forked_child, &scene);
  mp_watcher_in_parent(scene.watcher);
  EXPECT_EQUAL(end_of(child), 0);
  for (int i = 0; i < 2; i++) EXPECT_EQUAL(kill(watched[i], SIGKILL), 0);
  EXPECT_EQUAL(next_exit(&scene, &scene).signal, SIGKILL);
  EXPECT_EQUAL(next_exit(&scene, &token).signal, SIGKILL);
  end_scene(&scene);
}

TEST_FILE(watcher_tests, "watcher",
          {"the ends of two hundred children are told rightly", every_end_is_told_rightly},
          {"what is removed is forgotten", what_is_removed_is_forgotten},
          {"the helper thread goes and comes back", the_thread_comes_back},
          {"owners have lists of their own", owners_have_lists_of_their_own},
          {"an owner can leave everything behind", an_owner_can_leave_all_behind},
          {"a silenced bell is not rung", a_silenced_bell_is_not_rung},
          {"a bell that was claimed and not rung is rung by an end",
           a_claimed_bell_is_rung_all_the_same},
          {"the helper thread sleeps when an end is told", the_thread_sleeps_after_an_end},
          {"a forked child watches its own and nothing of its parent's",
           a_forked_child_watches_its_own},
          {"of a stranger only the end is known", of_strangers_only_the_end_is_known});

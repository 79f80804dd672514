/* The helper thread: sleeps in epoll_wait, and holds the lock for all that it does awake. */
#include <math.h>
#include <signal.h>
#include <sys/epoll.h>

#include "mp_descriptor.h"
#include "mp_futex.h"
#include "system_calls.h"
#include "watcher_state.h"

enum { EVENTS_AT_ONCE = 16 };

void mp_watch_settle(struct mp_watcher *watcher, struct watch *watch) {
  if (watch->settled) return;
  watch->settled = true;
  watcher->pending--;
  mp_watcher_let_go_of(watcher, &watch->request.pidfd);
}

/* The bell is rung under the lock, so that an owner which has taken the exit may unmap the bell. A
 * ring that fails (the kernel is out of memory) is not lost for good: the exit stays in the list,
 * and any other ring makes the owner look.
 *
 * By force: the one who has died may have claimed this very bell and not rung it, so that its mode
 * says AWAKE while its owner sleeps; and it is the owner who would ring those of all others. */
static void settle_exit(struct mp_watcher *watcher, uint64_t id) {
  struct watch *watch = watcher->watches;
  while (watch != NULL && watch->id != id) watch = watch->next;
  if (watch == NULL || watch->settled) return;
  int error = mp_pidfd_wait(watch->request.pidfd, &watch->exit);
  if (error == 0 && !watch->exit.ended) return;
  if (error < 0) watch->exit = (struct mp_exit){.ended = true, .exit_code = -1, .signal = 0};
  mp_watch_settle(watcher, watch);
  if (watch->request.bell == NULL) return; /* silenced: nobody is left to hear it */
  bool reached = false;
  (void)mp_bell_force(watch->request.ringer, watch->request.bell, watch->request.slot, &reached);
}

/* The first signal lets the program clean up, if it can still do so. */
static void end_with_user(struct mp_watcher *watcher) {
  if (watcher->user_ended) return;
  watcher->user_ended = true;
  mp_watcher_let_go_of(watcher, &watcher->user); /* readable for ever */
  if (mp_deadline_after(watcher->grace, &watcher->kill_at) < 0) watcher->kill_at.tv_sec = 0;
  (void)kill(getpid(), SIGTERM); /* one's own process is always there and always allowed */
}

static void handle(struct mp_watcher *watcher, uint64_t id) {
  uint64_t ignored;
  size_t moved;
  if (id == NUDGE_ID) {
    (void)mp_descriptor_read(watcher->nudge, &ignored, sizeof ignored, &moved); /* empties it */
  } else if (id == USER_ID) {
    end_with_user(watcher);
  } else if (id == KEEPER_ID) {
    if (watcher->keeper != NULL) mp_keeper_serve(watcher->keeper);
  } else {
    settle_exit(watcher, id);
  }
}

/* 0 when the clock cannot be read. */
static double milliseconds_since(const struct timespec *start) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) < 0) return 0;
  return (double)(now.tv_sec - start->tv_sec) * 1e3 + (double)(now.tv_nsec - start->tv_nsec) / 1e6;
}

static bool is_keeping(const struct mp_watcher *watcher) {
  return watcher->keeper != NULL && mp_keeper_count(watcher->keeper) > 0;
}

static void sweep_if_due(struct mp_watcher *watcher) {
  if (!is_keeping(watcher) || milliseconds_since(&watcher->swept_at) < MP_KEEPER_SWEEP) return;
  (void)mp_keeper_sweep(watcher->keeper);
  (void)clock_gettime(CLOCK_MONOTONIC, &watcher->swept_at); /* failed, it sweeps more often */
}

/* How long epoll may sleep: for ever, until there is something to sweep, or until it is time to
 * kill. */
static int sleep_limit(const struct mp_watcher *watcher) {
  int limit = is_keeping(watcher) ? MP_KEEPER_SWEEP : -1;
  if (!watcher->user_ended) return limit;
  double left = -milliseconds_since(&watcher->kill_at);
  if (left <= 0) {
    (void)kill(getpid(), SIGKILL); /* does not return */
    return 0;
  }
  if (limit >= 0 && left > limit) return limit;
  return left < 1e9 ? (int)ceil(left) : (int)1e9;
}

static bool has_work(const struct mp_watcher *watcher) {
  bool wanted =
      watcher->pending > 0 || watcher->user >= 0 || watcher->user_ended || is_keeping(watcher);
  return wanted && !watcher->stopping;
}

static void *run(void *argument) {
  struct mp_watcher *watcher = argument;
  struct epoll_event events[EVENTS_AT_ONCE];
  mp_lock(&watcher->lock);
  while (has_work(watcher)) {
    int limit = sleep_limit(watcher);
    mp_unlock(&watcher->lock);
    int count = epoll_wait(watcher->epoll, events, EVENTS_AT_ONCE, limit);
    mp_lock(&watcher->lock);
    for (int i = 0; i < count; i++) handle(watcher, events[i].data.u64);
    sweep_if_due(watcher);
  }
  watcher->state = THREAD_ENDED;
  mp_unlock(&watcher->lock);
  return NULL;
}

static int create_thread(struct mp_watcher *watcher) {
  sigset_t all;
  sigset_t before;
  (void)sigfillset(&all);                                  /* cannot fail */
  int error = pthread_sigmask(SIG_SETMASK, &all, &before); /* a new thread inherits the mask */
  if (error != 0) return -error;
  int failed = pthread_create(&watcher->thread, NULL, run, watcher);
  error = pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (failed != 0) return -failed;
  watcher->state = THREAD_RUNNING;
  return -error;
}

/* A thread that has said ENDED needs the lock no more, so it can be joined while holding it. */
static void join(struct mp_watcher *watcher) {
  if (pthread_join(watcher->thread, NULL) != 0) abort(); /* only for a thread never made */
  watcher->state = THREAD_NONE;
}

int mp_watcher_start(struct mp_watcher *watcher) {
  if (watcher->state == THREAD_ENDED) join(watcher);
  return watcher->state == THREAD_RUNNING ? 0 : create_thread(watcher);
}

void mp_watcher_nudge(struct mp_watcher *watcher) {
  uint64_t one = 1;
  size_t moved;
  (void)mp_descriptor_write(watcher->nudge, &one, sizeof one, &moved); /* full is as good as set */
}

void mp_watcher_stop(struct mp_watcher *watcher) {
  mp_lock(&watcher->lock);
  watcher->stopping = true;
  bool exists = watcher->state != THREAD_NONE;
  mp_unlock(&watcher->lock);
  if (!exists) return;
  mp_watcher_nudge(watcher);
  join(watcher);
}

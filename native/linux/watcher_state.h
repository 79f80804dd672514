/* What watcher.c, the list, and watcher_thread.c, the thread, share. All of it is read and
 * written under `lock` only. */
#ifndef MP_WATCHER_STATE_H
#define MP_WATCHER_STATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "mp_process.h"
#include "mp_watcher.h"

/* What epoll tells an event by. Watches count on from FIRST_WATCH_ID and never reuse a number, so
 * an event that was under way while its watch was removed finds nothing. */
enum { NUDGE_ID = 0, USER_ID = 1, KEEPER_ID = 2, FIRST_WATCH_ID = 3 };

enum thread_state { THREAD_NONE, THREAD_RUNNING, THREAD_ENDED };

struct watch {
  struct mp_watch request; /* its pidfd is our duplicate, -1 once settled */
  uint64_t id;
  bool settled;
  struct mp_exit exit; /* valid once settled */
  struct watch *next;
};

struct mp_watcher {
  pthread_mutex_t lock;
  pthread_t thread;
  enum thread_state state;
  bool stopping;
  int epoll;
  int nudge; /* makes the thread look again */
  struct watch *watches;
  int pending; /* watches that are not settled */
  uint64_t next_id;
  int user; /* pidfd of the process this one belongs to, -1: none */
  double grace;
  struct mp_keeper *keeper; /* NULL: this is not the main process of a tree */
  struct timespec swept_at; /* when the keeper was */
  bool user_ended;
  struct timespec kill_at; /* valid once user_ended */
};

/* These fail only on a lock that is destroyed or damaged; going on without it would be worse. */
static inline void mp_lock(pthread_mutex_t *lock) {
  if (pthread_mutex_lock(lock) != 0) abort();
}

static inline void mp_unlock(pthread_mutex_t *lock) {
  if (pthread_mutex_unlock(lock) != 0) abort();
}

/* Takes a descriptor of the watcher's own out of the epoll set, closes it, and makes it -1. */
void mp_watcher_let_go_of(struct mp_watcher *watcher, int *descriptor);

/* Called with the lock held, or by the last who has the watcher. */
void mp_watcher_drop_keeper(struct mp_watcher *watcher);

/* Makes sure that the thread runs; called with the lock held. */
int mp_watcher_start(struct mp_watcher *watcher);

/* Makes the thread look whether it still has work. */
void mp_watcher_nudge(struct mp_watcher *watcher);

/* Ends the thread and waits for it; called without the lock, when nobody else uses the watcher. */
void mp_watcher_stop(struct mp_watcher *watcher);

/* Stops waiting for this watch's process; called with the lock held. */
void mp_watch_settle(struct mp_watcher *watcher, struct watch *watch);

#endif

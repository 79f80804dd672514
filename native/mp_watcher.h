/*
 * One helper thread per process that waits for other processes to end: children of ours, and
 * the process that this one belongs to. It exists only while something is watched and does its
 * work while the main thread is busy or blocked.
 *
 * No call waits for a process. Each takes a lock that the helper thread holds for microseconds;
 * starting or stopping the thread takes some tens of them. Any thread may call any of them. The
 * helper thread blocks all signals and retries on EINTR.
 */
#ifndef MP_WATCHER_H
#define MP_WATCHER_H

#include <stdbool.h>
#include <stdint.h>

#include "mp_bell.h"
#include "mp_keeper.h"

struct mp_watcher;

struct mp_watch {
  int pidfd;                      /* duplicated, so the caller keeps its own */
  const void *owner;              /* whose list of exits this goes to */
  double key;                     /* the owner's name for the child */
  struct mp_bell *bell;           /* rung, by force, after the exit is in the list */
  const struct mp_ringer *ringer; /* must live as long as the watch, as must the bell */
  int32_t slot;
  void *token; /* given back with the exit, for the owner to let go of the bell's memory */
};

struct mp_watched_exit {
  double key;
  int32_t exit_code; /* -1: by a signal, or unknown because it is not our child */
  int32_t signal;    /* 0: none, or unknown */
  void *token;
};

/* The watcher of this process, made by the first acquire and freed by the last release, which
 * stops the thread. */
int mp_watcher_acquire(struct mp_watcher **watcher);
void mp_watcher_release(struct mp_watcher *watcher);

/* -EEXIST when this owner already watches something under this key. The helper thread reaps the
 * child: nobody else may. */
int mp_watcher_add(struct mp_watcher *watcher, const struct mp_watch *watch);

/* Stops watching and forgets an exit that nobody has taken. False: there is no such key. */
bool mp_watcher_remove(struct mp_watcher *watcher, const void *owner, double key, void **token);

/* As remove, for any one watch of this owner; false when none is left. */
bool mp_watcher_remove_any(struct mp_watcher *watcher, const void *owner, void **token);

/* From here on no bell between `address` and `address + length` is rung: that memory goes away. */
void mp_watcher_silence(struct mp_watcher *watcher, const void *address, size_t length);

/* The exits of this owner that nobody has taken yet, one at a time; false: no more. The bell of
 * an exit has been rung by the time it can be taken. */
bool mp_watcher_take(struct mp_watcher *watcher, const void *owner, struct mp_watched_exit *exit);

/* When the process behind `pidfd` (duplicated) ends, this process gets SIGTERM, and SIGKILL
 * `grace` milliseconds later. Replaces the one watched before. */
int mp_watcher_watch_user(struct mp_watcher *watcher, int pidfd, double grace);

/* The keeper of the arena whose main process this is; more than once is no error. A forked child
 * has none. The two others are for threads of this process: they put what they send with the
 * keeper, and take from it; false, and nothing done: it is another process's. `descriptor` stays
 * the caller's. */
int mp_watcher_open_keeper(struct mp_watcher *watcher, const char *arena, int arena_file);
bool mp_watcher_deposit(struct mp_watcher *watcher, const struct mp_keeper_key *key, int descriptor,
                        int *error);
bool mp_watcher_withdraw(struct mp_watcher *watcher, const struct mp_keeper_key *key,
                         int *descriptor, int *error);

/* Around a fork: the first waits until the helper thread is outside of the watcher and keeps it out
 * until one of the others. All three by the thread that forks. */
void mp_watcher_before_fork(struct mp_watcher *watcher);
void mp_watcher_in_parent(struct mp_watcher *watcher);

/* The child has no helper thread until it watches something itself. The parent's user is forgotten,
 * and so are all watches but those of `owner`, who removes them itself. -errno when there are no
 * descriptors for what the child will watch. */
int mp_watcher_in_child(struct mp_watcher *watcher, const void *owner);

#endif

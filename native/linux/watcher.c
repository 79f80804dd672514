/*
 * The list of what is watched, and the life of the helper thread:
 *
 *   NONE ──add──> RUNNING ──nothing left, or last release──> ENDED ──join──> NONE
 *
 * The thread decides by itself, under the lock, that it is not needed and says ENDED; whoever
 * wants a thread next joins the old one first. So a thread is never cancelled and never lost.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "mp_descriptor.h"
#include "mp_process.h"
#include "system_calls.h"
#include "watcher_state.h"

/* The one thing here that is the process's: a thread per addon instance would be one per Worker. */
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static struct mp_watcher *shared_watcher;
static int shared_references;

static int open_descriptors(struct mp_watcher *watcher) {
  watcher->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (watcher->epoll < 0) return -errno;
  watcher->nudge = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (watcher->nudge < 0) return -errno;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = NUDGE_ID};
  return mp_result(epoll_ctl(watcher->epoll, EPOLL_CTL_ADD, watcher->nudge, &event));
}

static void discard(struct mp_watcher *watcher) {
  mp_watcher_drop_keeper(watcher);
  if (watcher->epoll >= 0) (void)mp_descriptor_close(watcher->epoll);
  if (watcher->nudge >= 0) (void)mp_descriptor_close(watcher->nudge);
  if (watcher->user >= 0) (void)mp_descriptor_close(watcher->user);
  (void)pthread_mutex_destroy(&watcher->lock); /* fails only while somebody holds it */
  free(watcher);
}

static int create(struct mp_watcher **made) {
  struct mp_watcher *watcher = calloc(1, sizeof *watcher);
  if (watcher == NULL) return -ENOMEM;
  watcher->epoll = watcher->nudge = watcher->user = -1;
  watcher->next_id = FIRST_WATCH_ID;
  int error = -pthread_mutex_init(&watcher->lock, NULL);
  if (error < 0) {
    free(watcher);
    return error;
  }
  error = open_descriptors(watcher);
  if (error < 0) discard(watcher);
  else *made = watcher;
  return error;
}

int mp_watcher_acquire(struct mp_watcher **watcher) {
  mp_lock(&shared_lock);
  int error = shared_references == 0 ? create(&shared_watcher) : 0;
  if (error == 0) {
    shared_references++;
    *watcher = shared_watcher;
  }
  mp_unlock(&shared_lock);
  return error;
}

void mp_watcher_release(struct mp_watcher *watcher) {
  mp_lock(&shared_lock);
  if (--shared_references == 0) {
    mp_watcher_stop(watcher);
    discard(watcher);
    shared_watcher = NULL;
  }
  mp_unlock(&shared_lock);
}

/* To close it is not enough: the caller's own descriptor, which may stay, is of the same open file,
 * and as long as that is open epoll goes on telling of it. */
void mp_watcher_let_go_of(struct mp_watcher *watcher, int *descriptor) {
  if (*descriptor < 0) return;
  if (watcher->epoll >= 0) (void)epoll_ctl(watcher->epoll, EPOLL_CTL_DEL, *descriptor, NULL);
  (void)mp_descriptor_close(*descriptor);
  *descriptor = -1;
}

static struct watch *find(struct mp_watcher *watcher, const void *owner, const double *key) {
  for (struct watch *watch = watcher->watches; watch != NULL; watch = watch->next) {
    if (watch->request.owner == owner && (key == NULL || watch->request.key == *key)) return watch;
  }
  return NULL;
}

static void unlink_watch(struct mp_watcher *watcher, struct watch *gone) {
  struct watch **link = &watcher->watches;
  while (*link != gone) link = &(*link)->next;
  *link = gone->next;
  mp_watch_settle(watcher, gone);
  free(gone);
}

static int insert(struct mp_watcher *watcher, struct watch *watch) {
  if (find(watcher, watch->request.owner, &watch->request.key) != NULL) return -EEXIST;
  watch->id = watcher->next_id++;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = watch->id};
  if (epoll_ctl(watcher->epoll, EPOLL_CTL_ADD, watch->request.pidfd, &event) < 0) return -errno;
  watch->next = watcher->watches;
  watcher->watches = watch;
  watcher->pending++;
  int error = mp_watcher_start(watcher);
  if (error < 0) {
    watcher->watches = watch->next;
    watcher->pending--;
  }
  return error;
}

int mp_watcher_add(struct mp_watcher *watcher, const struct mp_watch *request) {
  struct watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL) return -ENOMEM;
  watch->request = *request;
  int error = mp_descriptor_duplicate(request->pidfd, &watch->request.pidfd);
  if (error < 0) {
    free(watch);
    return error;
  }
  mp_lock(&watcher->lock);
  error = insert(watcher, watch);
  mp_unlock(&watcher->lock);
  if (error < 0) {
    mp_watcher_let_go_of(watcher, &watch->request.pidfd);
    free(watch);
  }
  return error;
}

static bool remove_found(struct mp_watcher *watcher, const void *owner, const double *key,
                         void **token) {
  mp_lock(&watcher->lock);
  struct watch *watch = find(watcher, owner, key);
  if (watch != NULL) {
    *token = watch->request.token;
    unlink_watch(watcher, watch);
    if (watcher->pending == 0) mp_watcher_nudge(watcher); /* the thread may go */
  }
  mp_unlock(&watcher->lock);
  return watch != NULL;
}

bool mp_watcher_remove(struct mp_watcher *watcher, const void *owner, double key, void **token) {
  return remove_found(watcher, owner, &key, token);
}

bool mp_watcher_remove_any(struct mp_watcher *watcher, const void *owner, void **token) {
  return remove_found(watcher, owner, NULL, token);
}

void mp_watcher_silence(struct mp_watcher *watcher, const void *address, size_t length) {
  uintptr_t start = (uintptr_t)address;
  mp_lock(&watcher->lock);
  for (struct watch *watch = watcher->watches; watch != NULL; watch = watch->next) {
    uintptr_t bell = (uintptr_t)watch->request.bell;
    if (bell >= start && bell - start < length) watch->request.bell = NULL;
  }
  mp_unlock(&watcher->lock);
}

bool mp_watcher_take(struct mp_watcher *watcher, const void *owner, struct mp_watched_exit *exit) {
  mp_lock(&watcher->lock);
  struct watch *watch = watcher->watches;
  while (watch != NULL && !(watch->settled && watch->request.owner == owner)) watch = watch->next;
  if (watch != NULL) {
    *exit = (struct mp_watched_exit){.key = watch->request.key,
                                     .exit_code = watch->exit.exit_code,
                                     .signal = watch->exit.signal,
                                     .token = watch->request.token};
    unlink_watch(watcher, watch);
  }
  mp_unlock(&watcher->lock);
  return watch != NULL;
}

static int replace_user(struct mp_watcher *watcher, int pidfd, double grace) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = USER_ID};
  if (epoll_ctl(watcher->epoll, EPOLL_CTL_ADD, pidfd, &event) < 0) return -errno;
  mp_watcher_let_go_of(watcher, &watcher->user);
  watcher->user = pidfd;
  watcher->grace = grace;
  return mp_watcher_start(watcher);
}

int mp_watcher_watch_user(struct mp_watcher *watcher, int pidfd, double grace) {
  int duplicate = -1;
  int error = mp_descriptor_duplicate(pidfd, &duplicate);
  if (error < 0) return error;
  mp_lock(&watcher->lock);
  error = replace_user(watcher, duplicate, grace);
  bool unused = watcher->user != duplicate;
  mp_unlock(&watcher->lock);
  if (unused) (void)mp_descriptor_close(duplicate);
  return error;
}

void mp_watcher_before_fork(struct mp_watcher *watcher) {
  mp_lock(&shared_lock);
  mp_lock(&watcher->lock);
}

void mp_watcher_in_parent(struct mp_watcher *watcher) {
  mp_unlock(&watcher->lock);
  mp_unlock(&shared_lock);
}

/* The epoll set and the eventfd are one with the parent's: only their descriptors are ours. */
static void drop_descriptors(struct mp_watcher *watcher) {
  int *descriptors[] = {&watcher->epoll, &watcher->nudge, &watcher->user};
  for (size_t i = 0; i < sizeof descriptors / sizeof descriptors[0]; i++) {
    if (*descriptors[i] >= 0) (void)mp_descriptor_close(*descriptors[i]);
    *descriptors[i] = -1;
  }
}

int mp_watcher_in_child(struct mp_watcher *watcher, const void *owner) {
  watcher->state = THREAD_NONE;
  watcher->stopping = watcher->user_ended = false;
  mp_watcher_drop_keeper(watcher); /* the parent keeps */
  drop_descriptors(watcher);       /* first: nothing is to be taken out of the parent's epoll set */
  for (struct watch *watch = watcher->watches, *next; watch != NULL; watch = next) {
    next = watch->next;
    if (watch->request.owner != owner) unlink_watch(watcher, watch);
  }
  int error = open_descriptors(watcher);
  mp_watcher_in_parent(watcher); /* this thread has them, in this process as in the other */
  return error;
}

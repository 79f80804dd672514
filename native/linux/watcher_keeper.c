/* The keeper of the tree's main process, which the helper thread serves: it works while the main
 * thread is busy or blocked. Threads of this process ask the keeper themselves. */
#include <sys/epoll.h>

#include "mp_descriptor.h"
#include "system_calls.h"
#include "watcher_state.h"

static int open_keeper(struct mp_watcher *watcher, const char *arena, int arena_file) {
  int error = mp_keeper_open(&watcher->keeper, arena, arena_file);
  if (error < 0) return error;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = KEEPER_ID};
  error = mp_result(
      epoll_ctl(watcher->epoll, EPOLL_CTL_ADD, mp_keeper_socket(watcher->keeper), &event));
  if (error < 0) mp_watcher_drop_keeper(watcher);
  return error;
}

void mp_watcher_drop_keeper(struct mp_watcher *watcher) {
  if (watcher->keeper != NULL) mp_keeper_close(watcher->keeper);
  watcher->keeper = NULL;
}

int mp_watcher_open_keeper(struct mp_watcher *watcher, const char *arena, int arena_file) {
  mp_lock(&watcher->lock);
  int error = watcher->keeper == NULL ? open_keeper(watcher, arena, arena_file) : 0;
  mp_unlock(&watcher->lock);
  return error;
}

/* From here on the thread sweeps. */
static int put(struct mp_watcher *watcher, const struct mp_keeper_key *key, int descriptor) {
  int duplicate = -1;
  int error = mp_descriptor_duplicate(descriptor, &duplicate);
  if (error == 0) error = mp_keeper_put(watcher->keeper, key, duplicate);
  if (error < 0) return error;
  mp_watcher_nudge(watcher);
  return mp_watcher_start(watcher);
}

bool mp_watcher_deposit(struct mp_watcher *watcher, const struct mp_keeper_key *key, int descriptor,
                        int *error) {
  mp_lock(&watcher->lock);
  bool is_here = watcher->keeper != NULL;
  if (is_here) *error = put(watcher, key, descriptor);
  mp_unlock(&watcher->lock);
  return is_here;
}

bool mp_watcher_withdraw(struct mp_watcher *watcher, const struct mp_keeper_key *key,
                         int *descriptor, int *error) {
  mp_lock(&watcher->lock);
  bool is_here = watcher->keeper != NULL;
  if (is_here) {
    mp_keeper_serve(watcher->keeper); /* what was sent before comes first */
    *error = mp_keeper_take(watcher->keeper, key, descriptor);
  }
  mp_unlock(&watcher->lock);
  return is_here;
}

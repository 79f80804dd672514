/* What the C core does around a fork of this process: the helper thread is not copied, and what it
 * watched is the parent's. The order is JavaScript's: prepare, then one of the other two. */
#include "binding.h"

napi_value mp_fork_prepare_method(napi_env env, napi_callback_info info) {
  (void)info;
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL);
  mp_watcher_before_fork(instance->watcher);
  return NULL;
}

napi_value mp_fork_in_parent_method(napi_env env, napi_callback_info info) {
  (void)info;
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL);
  mp_watcher_in_parent(instance->watcher);
  return NULL;
}

/* After the event loop has become the child's own. */
napi_value mp_fork_in_child_method(napi_env env, napi_callback_info info) {
  (void)info;
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL);
  int error = mp_watcher_in_child(instance->watcher, instance);
  mp_watches_forget(instance);
  mp_bells_close(instance);
  mp_polls_close(instance);
  instance->generation++;
  if (instance->ringer.socket >= 0)
    (void)mp_ringer_close(&instance->ringer); /* the parent's, too */
  CHECK(mp_done(env, error, "epoll_create1"));
  return NULL;
}

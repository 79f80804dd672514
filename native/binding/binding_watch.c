#include <stdlib.h>
#include <string.h>

#include "binding.h"

/* The token of a watch is the reference that keeps the bell's memory mapped. A failure to let go
 * of one leaks a few bytes and nothing else. */
static void let_go(napi_env env, void *token) {
  (void)napi_delete_reference(env, token);
}

void mp_watches_forget(struct mp_instance *instance) {
  void *token;
  while (mp_watcher_remove_any(instance->watcher, instance, &token)) let_go(instance->env, token);
}

static bool add(struct mp_instance *instance, struct mp_watch *watch, napi_value words) {
  napi_env env = instance->env;
  napi_ref reference = NULL;
  if (!mp_ok(env, napi_create_reference(env, words, 1, &reference))) return false;
  watch->owner = instance;
  watch->ringer = &instance->ringer;
  watch->token = reference;
  int error = mp_watcher_add(instance->watcher, watch);
  if (error < 0) let_go(env, reference);
  return mp_done(env, error, "epoll_ctl");
}

napi_value mp_watch_child_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  struct mp_watch watch = {0};
  int32_t key;
  int32_t *words;
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL && mp_ringer_ready(instance));
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "pidfd", &watch.pidfd));
  CHECK(mp_read_int(&call, 1, "key", &key));
  CHECK(mp_read_words(&call, 2, 2, &words));
  CHECK(mp_read_int(&call, 4, "slot", &watch.slot));
  watch.key = key;
  watch.bell = (struct mp_bell *)words;
  CHECK(add(instance, &watch, call.values[2]));
  return NULL;
}

napi_value mp_unwatch_child_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t key;
  void *token;
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL);
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "key", &key));
  bool found = mp_watcher_remove(instance->watcher, instance, key, &token);
  if (found) let_go(env, token);
  return mp_boolean(env, found);
}

/* Takes into memory that grows, because the number is known only at the end. What has been taken
 * before memory ran out would be lost, so the room is made before each exit is taken. */
struct triples {
  int32_t *values;
  size_t count;
  size_t capacity;
};

static bool make_room(struct triples *triples) {
  if (triples->count + 3 <= triples->capacity) return true;
  size_t capacity = triples->capacity == 0 ? 24 : triples->capacity * 2;
  int32_t *values = realloc(triples->values, capacity * sizeof *values);
  if (values == NULL) return false;
  triples->values = values;
  triples->capacity = capacity;
  return true;
}

static void take_all(struct mp_instance *instance, struct triples *triples) {
  struct mp_watched_exit exit;
  while (make_room(triples) && mp_watcher_take(instance->watcher, instance, &exit)) {
    int32_t *next = triples->values + triples->count;
    next[0] = (int32_t)exit.key;
    next[1] = exit.exit_code;
    next[2] = exit.signal;
    triples->count += 3;
    let_go(instance->env, exit.token);
  }
}

static napi_value to_array(napi_env env, const struct triples *triples) {
  napi_value buffer = NULL;
  napi_value array = NULL;
  void *data = NULL;
  size_t size = triples->count * sizeof *triples->values;
  CHECK(mp_ok(env, napi_create_arraybuffer(env, size, &data, &buffer)));
  if (size > 0) memcpy(data, triples->values, size);
  CHECK(
      mp_ok(env, napi_create_typedarray(env, napi_int32_array, triples->count, buffer, 0, &array)));
  return array;
}

napi_value mp_take_exits_method(napi_env env, napi_callback_info info) {
  (void)info;
  struct triples triples = {0};
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL);
  take_all(instance, &triples);
  napi_value array = to_array(env, &triples);
  free(triples.values);
  return array;
}

napi_value mp_watch_user_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t pidfd;
  double grace;
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL);
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "pidfd", &pidfd));
  CHECK(mp_read_double(&call, 1, "graceMs", &grace));
  CHECK(mp_done(env, mp_watcher_watch_user(instance->watcher, pidfd, grace), "epoll_ctl"));
  return NULL;
}

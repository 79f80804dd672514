/* Futexes, and ringing others' bells. */
#include <string.h>

#include "binding.h"
#include "mp_futex.h"

napi_value mp_futex_wait_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t *word;
  int32_t expected;
  double timeout;
  struct timespec deadline;
  enum mp_futex_result result;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_words(&call, 0, 1, &word));
  CHECK(mp_read_int(&call, 2, "expected", &expected));
  CHECK(mp_read_double(&call, 3, "timeout", &timeout));
  CHECK(mp_done(env, mp_deadline_after(timeout, &deadline), "clock_gettime"));
  CHECK(mp_done(env, mp_futex_wait(word, expected, &deadline, &result), "futex"));
  return mp_number(env, result);
}

napi_value mp_futex_wake_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t *word;
  int32_t count;
  int32_t woken;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_words(&call, 0, 1, &word));
  CHECK(mp_read_int(&call, 2, "count", &count));
  CHECK(mp_done(env, mp_futex_wake(word, count, &woken), "futex"));
  return mp_number(env, woken);
}

bool mp_ringer_ready(const struct mp_instance *instance) {
  if (instance->ringer.socket >= 0) return true;
  (void)napi_throw_error(instance->env, "ERR_INVALID_STATE",
                         "bellArena() must be called before a bell can be rung");
  return false;
}

napi_value mp_bell_arena_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  char arena[MP_ARENA_ID_LENGTH + 1];
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL);
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_string(&call, 0, "arenaId", arena, sizeof arena));
  if (instance->ringer.socket < 0) {
    CHECK(mp_done(env, mp_ringer_open(&instance->ringer, arena), "socket"));
  }
  /* The helper thread may be using the ringer, so it cannot come to mean another arena. */
  CHECK(strcmp(instance->ringer.arena, arena) == 0 ||
        mp_refuse_range(env, "arenaId", "the same in every call"));
  return NULL;
}

typedef int ring(const struct mp_ringer *, struct mp_bell *, int32_t slot, bool *reached);

static napi_value ring_with(napi_env env, napi_callback_info info, ring *how) {
  struct mp_call call;
  int32_t slot;
  int32_t *words;
  bool reached;
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL && mp_ringer_ready(instance));
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "slot", &slot));
  CHECK(mp_read_words(&call, 1, 2, &words));
  CHECK(mp_done(env, how(&instance->ringer, (struct mp_bell *)words, slot, &reached), "sendto"));
  return mp_boolean(env, reached);
}

napi_value mp_bell_wake_method(napi_env env, napi_callback_info info) {
  return ring_with(env, info, mp_bell_wake);
}

napi_value mp_bell_force_method(napi_env env, napi_callback_info info) {
  return ring_with(env, info, mp_bell_force);
}

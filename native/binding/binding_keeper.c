/* Descriptors on their way. In the process that has the keeper nobody needs to be asked by message:
 * its threads, the helper among them, have one list. */
#include "binding.h"
#include "mp_keeper.h"

struct keeper_call {
  struct mp_call call;
  struct mp_instance *instance;
  char arena[MP_ARENA_ID_LENGTH + 1];
};

static bool begin(struct keeper_call *keeper, napi_env env, napi_callback_info info) {
  keeper->instance = mp_instance_of(env);
  return keeper->instance != NULL && mp_call_read(&keeper->call, env, info) &&
         mp_read_string(&keeper->call, 0, "arenaId", keeper->arena, sizeof keeper->arena);
}

napi_value mp_keeper_open_method(napi_env env, napi_callback_info info) {
  struct keeper_call keeper;
  int32_t file;
  CHECK(begin(&keeper, env, info));
  CHECK(mp_read_int(&keeper.call, 1, "arenaFd", &file));
  int error = mp_watcher_open_keeper(keeper.instance->watcher, keeper.arena, file);
  CHECK(mp_done(env, error, "bind"));
  return NULL;
}

napi_value mp_keeper_deposit_method(napi_env env, napi_callback_info info) {
  struct keeper_call keeper;
  struct mp_keeper_key key;
  int32_t descriptor;
  int error;
  CHECK(begin(&keeper, env, info));
  CHECK(mp_read_size(&keeper.call, 1, "block", &key.block));
  CHECK(mp_read_size(&keeper.call, 2, "generation", &key.generation));
  CHECK(mp_read_size(&keeper.call, 3, "place", &key.place));
  CHECK(mp_read_int(&keeper.call, 4, "fd", &descriptor));
  if (!mp_watcher_deposit(keeper.instance->watcher, &key, descriptor, &error))
    error = mp_keeper_deposit(keeper.arena, &key, descriptor);
  CHECK(mp_done(env, error, "sendmsg"));
  return NULL;
}

napi_value mp_keeper_withdraw_method(napi_env env, napi_callback_info info) {
  struct keeper_call keeper;
  struct mp_keeper_key key = {0};
  int descriptor = -1;
  int error;
  CHECK(begin(&keeper, env, info));
  CHECK(mp_read_size(&keeper.call, 1, "block", &key.block));
  CHECK(mp_read_size(&keeper.call, 2, "generation", &key.generation));
  if (!mp_watcher_withdraw(keeper.instance->watcher, &key, &descriptor, &error))
    error = mp_keeper_withdraw(keeper.arena, &key, &descriptor);
  CHECK(mp_done(env, error, "recvmsg"));
  return mp_number(env, descriptor);
}

#include <errno.h>

#include "binding.h"
#include "mp_features.h"
#include "mp_process.h"

static bool read_descriptor(struct mp_call *call, napi_env env, napi_callback_info info,
                            int32_t *pidfd) {
  return mp_call_read(call, env, info) && mp_read_int(call, 0, "pidfd", pidfd);
}

napi_value mp_pidfd_open_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t pid;
  int pidfd;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "pid", &pid));
  CHECK(mp_done(env, mp_pidfd_open(pid, &pidfd), "pidfd_open"));
  return mp_number(env, pidfd);
}

napi_value mp_pidfd_signal_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t pidfd;
  int32_t signal;
  CHECK(read_descriptor(&call, env, info, &pidfd));
  CHECK(mp_read_int(&call, 1, "signal", &signal));
  int error = mp_pidfd_signal(pidfd, signal);
  if (error == -ESRCH) return mp_boolean(env, false);
  CHECK(mp_done(env, error, "pidfd_send_signal"));
  return mp_boolean(env, true);
}

napi_value mp_wait_pid_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t pidfd;
  struct mp_exit end;
  napi_value result = NULL;
  CHECK(read_descriptor(&call, env, info, &pidfd));
  CHECK(mp_done(env, mp_pidfd_wait(pidfd, &end), "waitid"));
  if (!end.ended) return mp_null(env);
  bool left = end.signal == 0;
  CHECK(mp_ok(env, napi_create_object(env, &result)));
  CHECK(mp_set(env, result, "exitCode", left ? mp_number(env, end.exit_code) : mp_null(env)));
  CHECK(mp_set(env, result, "signal", left ? mp_null(env) : mp_number(env, end.signal)));
  return result;
}

napi_value mp_is_ended_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t pidfd;
  bool ended;
  CHECK(read_descriptor(&call, env, info, &pidfd));
  CHECK(mp_done(env, mp_pidfd_is_ended(pidfd, &ended), "poll"));
  return mp_boolean(env, ended);
}

napi_value mp_exit_after_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  void *bytes;
  size_t length;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_bytes(&call, 0, "pidfds", &bytes, &length));
  CHECK(mp_done(env, mp_exit_after(bytes, length / sizeof(int32_t)), "on_exit"));
  return NULL;
}

napi_value mp_exit_now_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t code;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "code", &code));
  mp_exit_now(code);
}

napi_value mp_ignore_signal_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t signal;
  bool ignored;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "signal", &signal));
  CHECK(mp_read_boolean(&call, 1, "ignored", &ignored));
  CHECK(mp_done(env, mp_signal_ignore(signal, ignored), "sigaction"));
  return NULL;
}

napi_value mp_die_with_forker_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  bool dies;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_boolean(&call, 0, "dies", &dies));
  CHECK(mp_done(env, mp_die_with_forker(dies), "prctl"));
  return NULL;
}

napi_value mp_rename_thread_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  char name[MP_THREAD_NAME];
  char before[MP_THREAD_NAME];
  napi_value result = NULL;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_string(&call, 0, "name", name, sizeof name));
  CHECK(mp_done(env, mp_thread_rename(name, before), "prctl"));
  CHECK(mp_ok(env, napi_create_string_utf8(env, before, NAPI_AUTO_LENGTH, &result)));
  return result;
}

napi_value mp_thread_id_method(napi_env env, napi_callback_info info) {
  (void)info;
  return mp_number(env, mp_thread_id());
}

napi_value mp_features_method(napi_env env, napi_callback_info info) {
  (void)info;
  struct mp_features found;
  napi_value result = NULL;
  mp_features_probe(&found);
  CHECK(mp_ok(env, napi_create_object(env, &result)));
  CHECK(mp_set(env, result, "memfd", mp_boolean(env, found.memfd)));
  CHECK(mp_set(env, result, "seals", mp_boolean(env, found.seals)));
  CHECK(mp_set(env, result, "futex", mp_boolean(env, found.futex)));
  CHECK(mp_set(env, result, "pidfdOpen", mp_boolean(env, found.pidfd_open)));
  CHECK(mp_set(env, result, "pidfdSignal", mp_boolean(env, found.pidfd_signal)));
  CHECK(mp_set(env, result, "waitidPidfd", mp_boolean(env, found.waitid_pidfd)));
  CHECK(mp_set(env, result, "closeRange", mp_boolean(env, found.close_range)));
  return result;
}

/* What a process says to the tracker, and how its own views of named memory end. */
#include <errno.h>

#include "binding.h"
#include "mp_names.h"

napi_value mp_tracker_tell_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  char arena[MP_ARENA_ID_LENGTH + 1];
  char message[MP_NAMES_MESSAGE];
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_string(&call, 0, "arenaId", arena, sizeof arena));
  CHECK(mp_read_string(&call, 1, "message", message, sizeof message));
  int error = mp_names_tell(arena, message);
  if (error == -ECONNREFUSED) return mp_boolean(env, false);
  CHECK(mp_done(env, error, "sendto"));
  return mp_boolean(env, true);
}

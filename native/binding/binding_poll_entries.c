/* Asking poll about several descriptors at once. */
#include <errno.h>
#include <poll.h>

#include "binding.h"
#include "mp_descriptor.h"

/* JavaScript's pairs of words are the system's entries: a descriptor, and two halves. */
_Static_assert(sizeof(struct pollfd) == 2 * sizeof(int32_t), "a pollfd is two words");

static int refuse_closed(const struct pollfd *entries, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (entries[i].revents & POLLNVAL) return -EBADF;
  }
  return 0;
}

static bool read_entries(const struct mp_call *call, struct pollfd **entries, size_t *count) {
  napi_typedarray_type type;
  size_t length = 0;
  void *data = NULL;
  napi_status status =
      napi_get_typedarray_info(call->env, call->values[0], &type, &length, &data, NULL, NULL);
  *entries = data;
  *count = length / 2;
  if (status == napi_ok && type == napi_int32_array) return true;
  return mp_refuse_type(call->env, "entries", "an Int32Array");
}

napi_value mp_poll_entries_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  struct pollfd *entries;
  size_t count;
  double timeout;
  int ready;
  CHECK(mp_call_read(&call, env, info));
  CHECK(read_entries(&call, &entries, &count));
  CHECK(mp_read_double(&call, 1, "timeout", &timeout));
  int error = mp_descriptors_poll(entries, count, timeout, &ready);
  if (error == -EINTR) return mp_number(env, -1);
  if (error == 0) error = refuse_closed(entries, count);
  CHECK(mp_done(env, error, "ppoll"));
  return mp_number(env, ready);
}

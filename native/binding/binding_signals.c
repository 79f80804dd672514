/* Signals that the event loop of this thread has not heard of yet. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "binding.h"
#include "mp_signals.h"
#include "uv_abi.h"
#include "uv_layout.h"

/* An address, a slash, a number of 32 bits and NUL, with room to spare. */
enum { MP_SIGNAL_NAME = 40 };

/* The end to look into; -1: this libuv does not keep it where we know. A fork may change it. */
static bool find_pipe(napi_env env, int *pipe) {
  struct mp_instance *instance = mp_instance_of(env);
  uv_loop_t *loop = NULL;
  int ends[2] = {-1, -1};
  *pipe = -1;
  if (instance == NULL) return false;
  if (instance->signal_pipe == MP_SIGNAL_PIPE_UNKNOWN) return true;
  if (!mp_ok(env, napi_get_uv_event_loop(env, (struct uv_loop_s **)&loop))) return false;
  bool is_inside = MP_UV_SIGNAL_PIPE != 0 && MP_UV_SIGNAL_PIPE + sizeof ends <= uv_loop_size() &&
                   MP_UV_SIGNALS_CAUGHT + sizeof(uint32_t) <= uv_handle_size(MP_UV_SIGNAL);
  if (is_inside) memcpy(ends, (const char *)loop + MP_UV_SIGNAL_PIPE, sizeof ends);
  if (instance->signal_pipe == MP_SIGNAL_PIPE_UNTRIED) {
    bool is_there = is_inside && mp_signals_is_pipe(ends);
    instance->signal_pipe = is_there ? MP_SIGNAL_PIPE_FOUND : MP_SIGNAL_PIPE_UNKNOWN;
  }
  if (instance->signal_pipe == MP_SIGNAL_PIPE_FOUND) *pipe = ends[0];
  return true;
}

napi_value mp_count_signals_method(napi_env env, napi_callback_info info) {
  int pipe;
  uint32_t count;
  (void)info;
  CHECK(find_pipe(env, &pipe));
  if (pipe < 0) return mp_number(env, -1);
  CHECK(mp_done(env, mp_signals_count(pipe, &count), "ioctl"));
  return mp_number(env, count);
}

static uint32_t field_of(const void *handle, size_t offset) {
  uint32_t value;
  memcpy(&value, (const char *)handle + offset, sizeof value);
  return value;
}

/* Which message the oldest is: libuv counts those of each handle, and the last ones are here. */
static void name_oldest(const struct mp_signal *signals, size_t count, char name[MP_SIGNAL_NAME]) {
  const struct mp_signal *oldest = &signals[0];
  uint32_t here = 0;
  /* Of a handle that was stopped, libuv itself does not heed the message. */
  bool is_meant = field_of(oldest->handle, MP_UV_SIGNAL_NUMBER) == (uint32_t)oldest->number;
  uint32_t caught = is_meant ? field_of(oldest->handle, MP_UV_SIGNALS_CAUGHT) : 0;
  for (size_t i = 0; is_meant && i < count; i++) here += signals[i].handle == oldest->handle;
  (void)snprintf(name, MP_SIGNAL_NAME, "%p/%" PRIu32, oldest->handle, caught - here); /* fits */
}

static napi_value numbers_of(napi_env env, const struct mp_signal *signals, size_t count) {
  napi_value numbers = NULL;
  CHECK(mp_ok(env, napi_create_array_with_length(env, count, &numbers)));
  for (size_t i = 0; i < count; i++) {
    napi_value number = mp_number(env, signals[i].number);
    CHECK(number != NULL && mp_ok(env, napi_set_element(env, numbers, (uint32_t)i, number)));
  }
  return numbers;
}

napi_value mp_peek_signals_method(napi_env env, napi_callback_info info) {
  int pipe;
  uint32_t counted = 0;
  size_t count = 0;
  struct mp_signal signals[MP_MOST_SIGNALS];
  char name[MP_SIGNAL_NAME] = "";
  napi_value result = NULL;
  napi_value oldest = NULL;
  (void)info;
  CHECK(find_pipe(env, &pipe));
  if (pipe >= 0) CHECK(mp_done(env, mp_signals_count(pipe, &counted), "ioctl"));
  /* Who has no descriptors left is told of none, as if they could not be read. */
  if (counted > 0 && mp_signals_peek(pipe, signals, &count) < 0) count = 0;
  if (count > 0 && count >= counted) name_oldest(signals, count, name);
  CHECK(mp_ok(env, napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &oldest)));
  CHECK(mp_ok(env, napi_create_object(env, &result)));
  CHECK(mp_set(env, result, "oldest", oldest));
  CHECK(mp_set(env, result, "signals", numbers_of(env, signals, count)));
  return result;
}

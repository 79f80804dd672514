/*
 * Messages over a stream. What is under way is kept between calls in an array of JavaScript's, one
 * for each direction of a stream, so that a message costs one call and no allocation. Most messages
 * go and come in one piece: for them the array is not even looked at.
 */
#include <errno.h>
#include <string.h>

#include "binding.h"
#include "mp_stream.h"

/* What an array of numbers says; src/native/binding.ts names them for JavaScript. */
enum {
  OUT_SENT,
  OUT_KIND,
  OUT_WORDS,
  OUT_BESIDE = OUT_WORDS + 3,
  OUT_DESCRIPTORS,
  OUT_COUNT = OUT_DESCRIPTORS + MP_MOST_BESIDE
};
enum {
  IN_HEADER_PRESENT,
  IN_KIND,
  IN_LENGTH,
  IN_PRESENT,
  IN_WORDS,
  IN_HEADER = IN_WORDS + 3, /* its bytes */
  IN_BESIDE = IN_HEADER + 3,
  IN_DESCRIPTORS,
  IN_COUNT = IN_DESCRIPTORS + MP_MOST_BESIDE
};

enum stream_result { DONE = 0, TOO_LONG = 1, WOULD_WAIT = -1, INTERRUPTED = -2, ENDED = -3 };
/* Where the result is a number of bytes otherwise. */
enum { ALL_SENT = -1, DONE_IN_STATE = -4, NEXT_TOO_LONG = -5 };

static bool read_state(const struct mp_call *call, size_t position, size_t count, double **state) {
  napi_typedarray_type type;
  size_t length = 0;
  void *data = NULL;
  napi_status status = napi_get_typedarray_info(call->env, call->values[position], &type, &length,
                                                &data, NULL, NULL);
  if (status != napi_ok || type != napi_float64_array || length < count)
    return mp_refuse_type(call->env, "state", "a Float64Array that is long enough");
  *state = data;
  return true;
}

static napi_value answer(napi_env env, int error, const char *system_call) {
  if (error == -EAGAIN) return mp_number(env, WOULD_WAIT);
  if (error == -EINTR) return mp_number(env, INTERRUPTED);
  if (error == -ENODATA) return mp_number(env, ENDED);
  CHECK(mp_done(env, error, system_call));
  return mp_number(env, DONE);
}

/* Their number, and then they. */
static void load_beside(const double *state, struct mp_beside *beside) {
  beside->count = (size_t)state[0];
  for (size_t i = 0; i < beside->count; i++) beside->descriptors[i] = (int)state[1 + i];
}

napi_value mp_stream_send_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  double *state;
  void *bytes;
  size_t length;
  double timeout;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(read_state(&call, 1, OUT_COUNT, &state));
  CHECK(mp_read_bytes(&call, 2, "bytes", &bytes, &length));
  CHECK(mp_read_double(&call, 3, "timeout", &timeout));
  struct mp_frame frame = {.kind = MP_FRAME_PLAIN, .length = length};
  struct mp_beside beside = {.count = 0};
  if (state[OUT_KIND] == MP_FRAME_BESIDE) {
    CHECK(length <= UINT32_MAX || mp_refuse_range(env, "bytes", "shorter than 4 GiB"));
    CHECK((state[OUT_BESIDE] >= 0 && state[OUT_BESIDE] <= MP_MOST_BESIDE) ||
          mp_refuse_range(env, "state", "of at most 32 descriptors"));
    frame.kind = MP_FRAME_BESIDE;
    load_beside(state + OUT_BESIDE, &beside);
    for (size_t i = 0; i < 3; i++) frame.words[i] = (uint32_t)state[OUT_WORDS + i];
  }
  size_t sent = (size_t)state[OUT_SENT];
  int error = mp_stream_send(descriptor, &frame, bytes, &beside, &sent, timeout);
  state[OUT_SENT] = (double)sent;
  return answer(env, error, "sendmsg");
}

napi_value mp_stream_send_next_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  void *bytes;
  size_t length;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(mp_read_bytes(&call, 1, "bytes", &bytes, &length));
  struct mp_frame frame = {.kind = MP_FRAME_PLAIN, .length = length};
  size_t sent = 0;
  int error = mp_stream_send(descriptor, &frame, bytes, NULL, &sent, 0);
  if (error == 0) return mp_number(env, ALL_SENT);
  /* Of what has begun the rest has to follow: the next call hears of the error. */
  if (error == -EAGAIN || sent > 0) return mp_number(env, (double)sent);
  CHECK(mp_done(env, error, "sendmsg"));
  return NULL;
}

/* Not all of it: most of it is room for descriptors. */
static void begin(struct mp_incoming *incoming) {
  incoming->frame.kind = MP_FRAME_BAD;
  incoming->beside.count = 0;
  incoming->header_present = 0;
  incoming->present = 0;
}

static void load(const double *state, struct mp_incoming *incoming) {
  begin(incoming);
  incoming->header_present = (size_t)state[IN_HEADER_PRESENT];
  incoming->present = (size_t)state[IN_PRESENT];
  if (incoming->header_present == 0) return;
  memcpy(incoming->header, state + IN_HEADER, MP_LONGEST_HEADER);
  load_beside(state + IN_BESIDE, &incoming->beside);
}

static void save(double *state, const struct mp_incoming *incoming) {
  size_t needed = mp_frame_header_length(incoming->header, incoming->header_present);
  state[IN_HEADER_PRESENT] = (double)incoming->header_present;
  state[IN_PRESENT] = (double)incoming->present;
  state[IN_BESIDE] = (double)incoming->beside.count;
  for (size_t i = 0; i < incoming->beside.count; i++)
    state[IN_DESCRIPTORS + i] = incoming->beside.descriptors[i];
  memcpy(state + IN_HEADER, incoming->header, MP_LONGEST_HEADER);
  if (incoming->header_present < needed) {
    state[IN_KIND] = -1;
    return;
  }
  state[IN_KIND] = incoming->frame.kind;
  state[IN_LENGTH] = (double)incoming->frame.length;
  for (size_t i = 0; i < 3; i++) state[IN_WORDS + i] = incoming->frame.words[i];
}

napi_value mp_stream_receive_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  double *state;
  void *bytes;
  size_t length;
  double room;
  double timeout;
  struct mp_incoming incoming;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(read_state(&call, 1, IN_COUNT, &state));
  CHECK(mp_read_bytes(&call, 2, "bytes", &bytes, &length));
  CHECK(mp_read_double(&call, 3, "room", &room));
  CHECK(mp_read_double(&call, 4, "timeout", &timeout));
  if (room < (double)length) length = room > 0 ? (size_t)room : 0;
  load(state, &incoming);
  int error = mp_stream_receive_frame(descriptor, &incoming, bytes, length, timeout);
  save(state, &incoming);
  bool is_whole = incoming.frame.kind != MP_FRAME_BAD && incoming.frame.length <= length;
  if (error == 0 && !is_whole) return mp_number(env, TOO_LONG);
  return answer(env, error, "recvmsg");
}

napi_value mp_stream_receive_next_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  double *state;
  void *bytes;
  size_t length;
  double start;
  double room;
  double timeout;
  struct mp_incoming incoming;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(mp_read_bytes(&call, 2, "bytes", &bytes, &length));
  CHECK(mp_read_double(&call, 3, "start", &start));
  CHECK(mp_read_double(&call, 4, "room", &room));
  CHECK(mp_read_double(&call, 5, "timeout", &timeout));
  CHECK((start >= 0 && room >= 0 && start + room <= (double)length) ||
        mp_refuse_range(env, "room", "within `bytes`"));
  begin(&incoming);
  int error = mp_stream_receive_frame(descriptor, &incoming, (char *)bytes + (size_t)start,
                                      (size_t)room, timeout);
  const struct mp_frame *frame = &incoming.frame;
  bool is_whole = frame->kind != MP_FRAME_BAD && frame->length <= (size_t)room;
  if (error == 0 && is_whole && frame->kind == MP_FRAME_PLAIN && incoming.beside.count == 0)
    return mp_number(env, (double)frame->length);
  CHECK(read_state(&call, 1, IN_COUNT, &state));
  save(state, &incoming);
  if (error == 0) return mp_number(env, is_whole ? DONE_IN_STATE : NEXT_TOO_LONG);
  return answer(env, error, "recvmsg");
}

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "binding.h"
#include "mp_descriptor.h"

static bool read_first(struct mp_call *call, napi_env env, napi_callback_info info,
                       int32_t *descriptor) {
  return mp_call_read(call, env, info) && mp_read_int(call, 0, "fd", descriptor);
}

napi_value mp_close_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  CHECK(read_first(&call, env, info, &descriptor));
  CHECK(mp_done(env, mp_descriptor_close(descriptor), "close"));
  return NULL;
}

napi_value mp_duplicate_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  int duplicate;
  CHECK(read_first(&call, env, info, &descriptor));
  CHECK(mp_done(env, mp_descriptor_duplicate(descriptor, &duplicate), "fcntl"));
  return mp_number(env, duplicate);
}

napi_value mp_set_close_on_exec_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  bool on;
  CHECK(read_first(&call, env, info, &descriptor));
  CHECK(mp_read_boolean(&call, 1, "on", &on));
  CHECK(mp_done(env, mp_descriptor_set_close_on_exec(descriptor, on), "fcntl"));
  return NULL;
}

napi_value mp_socket_pair_method(napi_env env, napi_callback_info info) {
  (void)info;
  int sockets[2];
  napi_value pair = NULL;
  CHECK(mp_done(env, mp_socket_pair(sockets), "socketpair"));
  CHECK(mp_ok(env, napi_create_array_with_length(env, 2, &pair)));
  for (uint32_t i = 0; i < 2; i++) {
    napi_value descriptor = mp_number(env, sockets[i]);
    CHECK(descriptor != NULL && mp_ok(env, napi_set_element(env, pair, i, descriptor)));
  }
  return pair;
}

napi_value mp_send_descriptor_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t socket;
  int32_t descriptor;
  int32_t byte;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "socket", &socket));
  CHECK(mp_read_int(&call, 1, "fd", &descriptor));
  CHECK(mp_read_int(&call, 2, "byte", &byte));
  CHECK((byte >= 0 && byte <= 255) || mp_refuse_range(env, "byte", "from 0 to 255"));
  CHECK(mp_done(env, mp_descriptor_send(socket, descriptor, (uint8_t)byte), "sendmsg"));
  return NULL;
}

napi_value mp_receive_descriptor_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t socket;
  int descriptor;
  uint8_t byte;
  bool ended;
  napi_value result = NULL;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "socket", &socket));
  CHECK(mp_done(env, mp_descriptor_receive(socket, &descriptor, &byte, &ended), "recvmsg"));
  if (ended) return mp_null(env);
  CHECK(mp_ok(env, napi_create_object(env, &result)));
  CHECK(mp_set(env, result, "fd", mp_number(env, descriptor)));
  CHECK(mp_set(env, result, "byte", mp_number(env, byte)));
  return result;
}

napi_value mp_poll_descriptor_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  int32_t events;
  double timeout;
  short ready;
  CHECK(read_first(&call, env, info, &descriptor));
  CHECK(mp_read_int(&call, 1, "events", &events));
  CHECK(mp_read_double(&call, 2, "timeout", &timeout));
  CHECK((events >= 0 && events <= INT16_MAX) ||
        mp_refuse_range(env, "events", "a mask of poll's events"));
  int error = mp_descriptor_poll(descriptor, (short)events, timeout, &ready);
  if (error == -EINTR) return mp_number(env, -1);
  CHECK(mp_done(env, error, "ppoll"));
  return mp_number(env, ready);
}

napi_value mp_replace_descriptor_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  int32_t target;
  CHECK(read_first(&call, env, info, &descriptor));
  CHECK(mp_read_int(&call, 1, "target", &target));
  CHECK(mp_done(env, mp_descriptor_replace(descriptor, target), "dup2"));
  return NULL;
}

/* The first that is ready; the others are found by the next call. */
static int first_ready(const struct pollfd *entries, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (entries[i].revents != 0) return (int)i;
  }
  return -1;
}

static int poll_all(const int32_t *descriptors, size_t count, double timeout, int *first) {
  struct pollfd *entries = calloc(count + 1, sizeof *entries);
  int ready;
  if (entries == NULL) return -ENOMEM;
  for (size_t i = 0; i < count; i++)
    entries[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
  int error = mp_descriptors_poll(entries, count, timeout, &ready);
  *first = error == 0 ? first_ready(entries, count) : -1;
  free(entries);
  return error == -EINTR ? 0 : error;
}

napi_value mp_poll_descriptors_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  void *bytes;
  size_t length;
  double timeout;
  int first = -1;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_bytes(&call, 0, "fds", &bytes, &length));
  CHECK(mp_read_double(&call, 1, "timeout", &timeout));
  CHECK(mp_done(env, poll_all(bytes, length / sizeof(int32_t), timeout, &first), "ppoll"));
  return mp_number(env, first);
}

napi_value mp_read_descriptor_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  void *bytes;
  size_t length;
  size_t moved;
  CHECK(read_first(&call, env, info, &descriptor));
  CHECK(mp_read_bytes(&call, 1, "bytes", &bytes, &length));
  CHECK(mp_done(env, mp_descriptor_read(descriptor, bytes, length, &moved), "read"));
  return mp_number(env, (double)moved);
}

napi_value mp_write_descriptor_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  void *bytes;
  size_t length;
  size_t moved;
  CHECK(read_first(&call, env, info, &descriptor));
  CHECK(mp_read_bytes(&call, 1, "bytes", &bytes, &length));
  CHECK(mp_done(env, mp_descriptor_write(descriptor, bytes, length, &moved), "write"));
  return mp_number(env, (double)moved);
}

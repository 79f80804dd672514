/* Sockets as src/connection/network sees them. An address is the system's own form of it, as bytes.
 */
#include <errno.h>
#include <netdb.h>
#include <string.h>

#include "binding.h"
#include "mp_descriptor.h"
#include "mp_socket.h"

static napi_value copy_of(napi_env env, const void *bytes, size_t length) {
  napi_value buffer = NULL;
  napi_value array = NULL;
  void *data = NULL;
  CHECK(mp_ok(env, napi_create_arraybuffer(env, length, &data, &buffer)));
  if (length > 0) memcpy(data, bytes, length);
  CHECK(mp_ok(env, napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &array)));
  return array;
}

static napi_value address_value(napi_env env, const struct mp_address *address) {
  return copy_of(env, &address->storage, address->length);
}

static bool read_address(const struct mp_call *call, size_t position, struct mp_address *address) {
  void *bytes;
  size_t length;
  if (!mp_read_bytes(call, position, "address", &bytes, &length)) return false;
  if (length < sizeof address->storage.ss_family || length > sizeof address->storage)
    return mp_refuse_range(call->env, "address", "an address of the system");
  memset(&address->storage, 0, sizeof address->storage);
  memcpy(&address->storage, bytes, length);
  address->length = (socklen_t)length;
  return true;
}

static bool read_socket(struct mp_call *call, napi_env env, napi_callback_info info,
                        int32_t *socket) {
  return mp_call_read(call, env, info) && mp_read_int(call, 0, "fd", socket);
}

napi_value mp_socket_path_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  struct mp_address address;
  void *bytes;
  size_t length;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_bytes(&call, 0, "path", &bytes, &length));
  CHECK(mp_done(env, mp_address_of_path(bytes, length, &address), "bind"));
  return address_value(env, &address);
}

/* Node's names for what getaddrinfo says. */
static const char *name_of_failure(int failure) {
  switch (failure) {
  case EAI_NONAME:
  case EAI_NODATA:
  case EAI_ADDRFAMILY:
    return "ENOTFOUND";
  case EAI_AGAIN:
    return "EAI_AGAIN";
  case EAI_MEMORY:
    return "EAI_MEMORY";
  default:
    return "EAI_FAIL";
  }
}

napi_value mp_socket_host_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  struct mp_address address;
  char host[MP_HOST_LENGTH];
  bool is_v6;
  bool is_numeric;
  int32_t port;
  int failure;
  napi_value name = NULL;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_boolean(&call, 0, "isV6", &is_v6));
  CHECK(mp_read_string(&call, 1, "host", host, sizeof host));
  CHECK(mp_read_int(&call, 2, "port", &port));
  CHECK((port >= 0 && port <= UINT16_MAX) || mp_refuse_range(env, "port", "from 0 to 65535"));
  CHECK(mp_read_boolean(&call, 3, "isNumeric", &is_numeric));
  int error = mp_address_resolve(is_v6 ? AF_INET6 : AF_INET, host, (uint16_t)port, is_numeric,
                                 &address, &failure);
  CHECK(mp_done(env, error, "getaddrinfo"));
  if (failure == 0) return address_value(env, &address);
  const char *text = name_of_failure(failure);
  CHECK(mp_ok(env, napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &name)));
  return name;
}

napi_value mp_socket_name_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  struct mp_address address;
  char host[MP_HOST_LENGTH];
  uint16_t port;
  size_t length = 0;
  napi_value pair = NULL;
  napi_value text = NULL;
  CHECK(mp_call_read(&call, env, info));
  CHECK(read_address(&call, 0, &address));
  const char *path = mp_address_path(&address, &length);
  if (path != NULL) return copy_of(env, path, length);
  CHECK(mp_done(env, mp_address_numbers(&address, host, &port), "getnameinfo"));
  CHECK(mp_ok(env, napi_create_array_with_length(env, 2, &pair)));
  CHECK(mp_ok(env, napi_create_string_utf8(env, host, NAPI_AUTO_LENGTH, &text)));
  CHECK(mp_ok(env, napi_set_element(env, pair, 0, text)));
  napi_value number = mp_number(env, port);
  CHECK(number != NULL && mp_ok(env, napi_set_element(env, pair, 1, number)));
  return pair;
}

napi_value mp_socket_listen_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  struct mp_address address;
  int32_t backlog;
  int listener;
  CHECK(mp_call_read(&call, env, info));
  CHECK(read_address(&call, 0, &address));
  CHECK(mp_read_int(&call, 1, "backlog", &backlog));
  CHECK(mp_done(env, mp_socket_listen(&address, backlog, &listener), "bind"));
  return mp_number(env, listener);
}

napi_value mp_socket_address_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  struct mp_address address;
  int32_t socket;
  CHECK(read_socket(&call, env, info, &socket));
  CHECK(mp_done(env, mp_socket_address(socket, &address), "getsockname"));
  return address_value(env, &address);
}

/* An object with `fd` and one thing more; the descriptor is closed if it cannot be made. */
static napi_value with_descriptor(napi_env env, int descriptor, const char *name,
                                  napi_value value) {
  napi_value result = NULL;
  bool made = value != NULL && mp_ok(env, napi_create_object(env, &result)) &&
              mp_set(env, result, "fd", mp_number(env, descriptor)) &&
              mp_set(env, result, name, value);
  if (!made) (void)mp_descriptor_close(descriptor); /* nobody else has it */
  return made ? result : NULL;
}

napi_value mp_socket_accept_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  struct mp_address peer;
  int32_t listener;
  int accepted;
  CHECK(read_socket(&call, env, info, &listener));
  int error = mp_socket_accept(listener, &accepted, &peer);
  if (error == -EAGAIN) return mp_null(env);
  CHECK(mp_done(env, error, "accept"));
  return with_descriptor(env, accepted, "address", address_value(env, &peer));
}

napi_value mp_socket_connect_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  struct mp_address address;
  int connected;
  CHECK(mp_call_read(&call, env, info));
  CHECK(read_address(&call, 0, &address));
  int error = mp_socket_connect(&address, &connected);
  if (error == -EAGAIN) return mp_null(env);
  CHECK(error == -EINPROGRESS || mp_done(env, error, "connect"));
  return with_descriptor(env, connected, "isConnected", mp_boolean(env, error == 0));
}

napi_value mp_socket_connected_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t socket;
  CHECK(read_socket(&call, env, info, &socket));
  CHECK(mp_done(env, mp_socket_connected(socket), "connect"));
  return NULL;
}

typedef int move_bytes(int socket, void *bytes, size_t length, size_t *moved);

static int send_bytes(int socket, void *bytes, size_t length, size_t *moved) {
  return mp_socket_send(socket, bytes, length, moved);
}

static napi_value move(napi_env env, napi_callback_info info, move_bytes *body, const char *name) {
  struct mp_call call;
  int32_t socket;
  void *bytes;
  size_t length;
  size_t moved;
  CHECK(read_socket(&call, env, info, &socket));
  CHECK(mp_read_bytes(&call, 1, "bytes", &bytes, &length));
  int error = body(socket, bytes, length, &moved);
  if (error == -EAGAIN) return mp_number(env, -1);
  CHECK(mp_done(env, error, name));
  return mp_number(env, (double)moved);
}

napi_value mp_socket_send_method(napi_env env, napi_callback_info info) {
  return move(env, info, send_bytes, "send");
}

napi_value mp_socket_receive_method(napi_env env, napi_callback_info info) {
  return move(env, info, mp_socket_receive, "recv");
}

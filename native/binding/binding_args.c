#include "binding_args.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double largest_safe_integer = 9007199254740991.0;

bool mp_call_read(struct mp_call *call, napi_env env, napi_callback_info info) {
  size_t count = MP_MOST_ARGUMENTS;
  call->env = env;
  return mp_ok(env, napi_get_cb_info(env, info, &count, call->values, &call->receiver, NULL));
}

bool mp_refuse_type(napi_env env, const char *name, const char *expected) {
  char message[160];
  (void)snprintf(message, sizeof message, "Expected `%s` to be %s", name, expected);
  (void)napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message); /* fails if one is pending */
  return false;
}

bool mp_refuse_range(napi_env env, const char *name, const char *expected) {
  char message[160];
  (void)snprintf(message, sizeof message, "Expected `%s` to be %s", name, expected);
  (void)napi_throw_range_error(env, "ERR_OUT_OF_RANGE", message); /* fails if one is pending */
  return false;
}

bool mp_read_double(const struct mp_call *call, size_t position, const char *name, double *value) {
  if (napi_get_value_double(call->env, call->values[position], value) == napi_ok) return true;
  return mp_refuse_type(call->env, name, "a number");
}

bool mp_read_int(const struct mp_call *call, size_t position, const char *name, int32_t *value) {
  double number;
  if (!mp_read_double(call, position, name, &number)) return false;
  if (!(number >= INT32_MIN && number <= INT32_MAX) || floor(number) != number)
    return mp_refuse_range(call->env, name, "an integer of 32 bits");
  *value = (int32_t)number;
  return true;
}

bool mp_read_size(const struct mp_call *call, size_t position, const char *name, uint64_t *value) {
  double number;
  if (!mp_read_double(call, position, name, &number)) return false;
  if (!(number >= 0 && number <= largest_safe_integer) || floor(number) != number)
    return mp_refuse_range(call->env, name, "an integer from 0 to 2**53 - 1");
  *value = (uint64_t)number;
  return true;
}

bool mp_read_boolean(const struct mp_call *call, size_t position, const char *name, bool *value) {
  if (napi_get_value_bool(call->env, call->values[position], value) == napi_ok) return true;
  return mp_refuse_type(call->env, name, "a boolean");
}

bool mp_read_string(const struct mp_call *call, size_t position, const char *name, char *value,
                    size_t capacity) {
  size_t length = 0;
  napi_value string = call->values[position];
  if (napi_get_value_string_utf8(call->env, string, NULL, 0, &length) != napi_ok)
    return mp_refuse_type(call->env, name, "a string");
  if (length >= capacity) return mp_refuse_range(call->env, name, "a shorter string");
  if (!mp_ok(call->env, napi_get_value_string_utf8(call->env, string, value, capacity, &length)))
    return false;
  if (strlen(value) != length)
    return mp_refuse_range(call->env, name, "a string without NUL characters");
  return true;
}

bool mp_read_words(const struct mp_call *call, size_t position, uint32_t count, int32_t **words) {
  napi_typedarray_type type;
  size_t length = 0;
  void *data = NULL;
  napi_status status = napi_get_typedarray_info(call->env, call->values[position], &type, &length,
                                                &data, NULL, NULL);
  if (status != napi_ok || type != napi_int32_array)
    return mp_refuse_type(call->env, "words", "an Int32Array");
  int32_t index;
  if (!mp_read_int(call, position + 1, "index", &index)) return false;
  if (data == NULL || index < 0 || (size_t)index + count > length)
    return mp_refuse_range(call->env, "index", "within `words`");
  *words = (int32_t *)data + index;
  return true;
}

bool mp_read_bytes(const struct mp_call *call, size_t position, const char *name, void **bytes,
                   size_t *length) {
  napi_typedarray_type type;
  napi_status status =
      napi_get_typedarray_info(call->env, call->values[position], &type, length, bytes, NULL, NULL);
  if (status == napi_ok && type == napi_uint8_array) return true;
  return mp_refuse_type(call->env, name, "a Uint8Array");
}

napi_value mp_number(napi_env env, double value) {
  napi_value result = NULL;
  return mp_ok(env, napi_create_double(env, value, &result)) ? result : NULL;
}

napi_value mp_boolean(napi_env env, bool value) {
  napi_value result = NULL;
  return mp_ok(env, napi_get_boolean(env, value, &result)) ? result : NULL;
}

napi_value mp_null(napi_env env) {
  napi_value result = NULL;
  return mp_ok(env, napi_get_null(env, &result)) ? result : NULL;
}

bool mp_set(napi_env env, napi_value object, const char *name, napi_value value) {
  return value != NULL && mp_ok(env, napi_set_named_property(env, object, name, value));
}

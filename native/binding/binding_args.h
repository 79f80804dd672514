/*
 * Between JavaScript values and C. Every function that returns bool has thrown a JavaScript
 * exception when it returns false; CHECK then leaves the calling function at once.
 */
#ifndef MP_BINDING_ARGS_H
#define MP_BINDING_ARGS_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECK(succeeded)                                                                           \
  do {                                                                                             \
    if (!(succeeded)) return NULL;                                                                 \
  } while (0)

enum { MP_MOST_ARGUMENTS = 6 };

struct mp_call {
  napi_env env;
  napi_value receiver;
  napi_value values[MP_MOST_ARGUMENTS]; /* undefined beyond those that were given */
};

bool mp_call_read(struct mp_call *call, napi_env env, napi_callback_info info);

/* TypeError for another type, RangeError for another value: "Expected `fd` to be …". */
bool mp_read_int(const struct mp_call *call, size_t position, const char *name, int32_t *value);
bool mp_read_double(const struct mp_call *call, size_t position, const char *name, double *value);
bool mp_read_size(const struct mp_call *call, size_t position, const char *name, uint64_t *value);
bool mp_read_boolean(const struct mp_call *call, size_t position, const char *name, bool *value);

/* `capacity` counts the NUL at the end; a string with a NUL inside is refused. */
bool mp_read_string(const struct mp_call *call, size_t position, const char *name, char *value,
                    size_t capacity);

/* An Int32Array at `position` and an index into it at the next, where `count` words must be.
 * The pointer is good while the array's buffer is. */
bool mp_read_words(const struct mp_call *call, size_t position, uint32_t count, int32_t **words);

/* A Uint8Array's bytes, good while its buffer is. */
bool mp_read_bytes(const struct mp_call *call, size_t position, const char *name, void **bytes,
                   size_t *length);

/* Throws what Node-API says went wrong, unless `status` is napi_ok. */
bool mp_ok(napi_env env, napi_status status);

/* Throws an Error with `code`, `errno` and `syscall` when `result` is a -errno. */
bool mp_done(napi_env env, int result, const char *system_call);

/* For an error of our own: a RangeError "Expected `name` to be …". */
bool mp_refuse_range(napi_env env, const char *name, const char *expected);
bool mp_refuse_type(napi_env env, const char *name, const char *expected);

/* NULL when an exception is pending. */
napi_value mp_number(napi_env env, double value);
napi_value mp_boolean(napi_env env, bool value);
napi_value mp_null(napi_env env);

/* Sets a property; false when an exception is pending. */
bool mp_set(napi_env env, napi_value object, const char *name, napi_value value);

#endif

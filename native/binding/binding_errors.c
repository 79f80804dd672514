/* Errors of the system as JavaScript's Error, with the properties that Node's own have. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "binding_args.h"

struct named_error {
  int number;
  const char *name;
};

#define NAMED(number)                                                                              \
  { number, #number }

/* glibc's strerrorname_np is newer than 2.28, and libuv's table lacks ECHILD. */
static const struct named_error named_errors[] = {
    NAMED(EPERM),         NAMED(ENOENT),       NAMED(ESRCH),        NAMED(EINTR),
    NAMED(EIO),           NAMED(ENXIO),        NAMED(E2BIG),        NAMED(ENOEXEC),
    NAMED(EBADF),         NAMED(ECHILD),       NAMED(EAGAIN),       NAMED(ENOMEM),
    NAMED(EACCES),        NAMED(EFAULT),       NAMED(EBUSY),        NAMED(EEXIST),
    NAMED(ENODEV),        NAMED(ENOTDIR),      NAMED(EISDIR),       NAMED(EINVAL),
    NAMED(ENFILE),        NAMED(EMFILE),       NAMED(ENOTTY),       NAMED(ETXTBSY),
    NAMED(EFBIG),         NAMED(ENOSPC),       NAMED(ESPIPE),       NAMED(EROFS),
    NAMED(EPIPE),         NAMED(EDEADLK),      NAMED(ENAMETOOLONG), NAMED(ENOLCK),
    NAMED(ENOSYS),        NAMED(ELOOP),        NAMED(EOVERFLOW),    NAMED(ENOTSOCK),
    NAMED(EMSGSIZE),      NAMED(EOPNOTSUPP),   NAMED(EADDRINUSE),   NAMED(ENETDOWN),
    NAMED(ECONNABORTED),  NAMED(ECONNRESET),   NAMED(ENOBUFS),      NAMED(EISCONN),
    NAMED(ENOTCONN),      NAMED(ETOOMANYREFS), NAMED(ETIMEDOUT),    NAMED(ECONNREFUSED),
    NAMED(EALREADY),      NAMED(EDQUOT),       NAMED(ECANCELED),    NAMED(ELIBBAD),
    NAMED(EADDRNOTAVAIL), NAMED(EAFNOSUPPORT), NAMED(ENETUNREACH),  NAMED(EHOSTUNREACH),
    NAMED(EHOSTDOWN),     NAMED(EPROTO),       NAMED(EPROTOTYPE),   NAMED(EINPROGRESS),
};

static const char *name_of(int number) {
  for (size_t i = 0; i < sizeof named_errors / sizeof named_errors[0]; i++) {
    if (named_errors[i].number == number) return named_errors[i].name;
  }
  return "UNKNOWN";
}

static napi_value text(napi_env env, const char *string) {
  napi_value value = NULL;
  napi_status status = napi_create_string_utf8(env, string, NAPI_AUTO_LENGTH, &value);
  return mp_ok(env, status) ? value : NULL;
}

/* Whatever fails here has thrown an exception of its own, so one is pending in any case. */
static void throw_system_error(napi_env env, int number, const char *system_call) {
  char reason[128] = "";
  char message[256];
  const char *description = strerror_r(number, reason, sizeof reason); /* strerror is one buffer */
  const char *name = name_of(number);
  (void)snprintf(message, sizeof message, "%s: %s (%s)", system_call, description, name);
  napi_value message_text = text(env, message);
  napi_value code = text(env, name);
  napi_value error = NULL;
  if (message_text == NULL || code == NULL) return;
  if (!mp_ok(env, napi_create_error(env, code, message_text, &error))) return;
  if (!mp_set(env, error, "errno", mp_number(env, -number))) return;
  if (!mp_set(env, error, "syscall", text(env, system_call))) return;
  (void)mp_ok(env, napi_throw(env, error)); /* a failure has thrown something else */
}

bool mp_done(napi_env env, int result, const char *system_call) {
  if (result >= 0) return true;
  throw_system_error(env, -result, system_call);
  return false;
}

bool mp_ok(napi_env env, napi_status status) {
  if (status == napi_ok) return true;
  bool pending = false;
  (void)napi_is_exception_pending(env, &pending); /* false if it cannot say */
  if (pending) return false;
  const napi_extended_error_info *information = NULL;
  const char *message = NULL;
  if (napi_get_last_error_info(env, &information) == napi_ok) message = information->error_message;
  /* A call that is refused because the environment ends cannot throw either: nobody would see. */
  (void)napi_throw_error(env, NULL, message != NULL ? message : "Node-API refused a call");
  return false;
}

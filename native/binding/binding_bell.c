/*
 * A bell in the event loop of the thread that opened it, and the ringing of others' bells.
 *
 * An open bell has two owners: the JavaScript object, until it is collected, and libuv's handle,
 * until it is closed. While it is open it also keeps its object alive, so an open bell that the
 * program has forgotten still rings.
 */
#include <errno.h>
#include <stdlib.h>

#include "binding.h"
#include "mp_descriptor.h"
#include "uv_abi.h"

struct open_bell {
  struct mp_instance *instance;
  struct open_bell *next;
  uv_handle_t *handle; /* NULL once it is being closed */
  int socket;
  int owners;
  napi_async_context context;
  napi_ref object;
  napi_ref callback;
  napi_ref words; /* the memory that rings go to lives as long as the bell */
};

/* Tells our objects from other addons': unwrapping a stranger would be memory corruption. */
static const napi_type_tag bell_tag = {0x706f6c7970726f63, 0x6573732d62656c6c};

static void drop_owner(struct open_bell *bell) {
  if (--bell->owners == 0) free(bell);
}

static void collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  drop_owner(data);
}

static void handle_closed(uv_handle_t *handle) {
  struct open_bell *bell = uv_handle_get_data(handle);
  struct mp_instance *instance = bell->instance;
  free(handle);
  drop_owner(bell);
  mp_handle_closed(instance);
}

/* Failures to let go cannot be told to anybody and leak a few bytes at worst. */
static void release_references(struct open_bell *bell) {
  napi_env env = bell->instance->env;
  napi_ref references[] = {bell->object, bell->callback, bell->words};
  for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
    if (references[i] != NULL) (void)napi_delete_reference(env, references[i]);
  }
  if (bell->context != NULL) (void)napi_async_destroy(env, bell->context);
}

static void close_bell(struct open_bell *bell) {
  if (bell->handle == NULL) return;
  struct open_bell **link = &bell->instance->bells;
  while (*link != bell) link = &(*link)->next;
  *link = bell->next;
  bell->instance->closing_handles++;
  uv_close(bell->handle, handle_closed);
  /* libuv has stopped polling it, and the slot is free at once for another listener. */
  (void)mp_descriptor_close(bell->socket); /* nothing is buffered that anybody misses */
  bell->handle = NULL;
  release_references(bell);
}

void mp_bells_close(struct mp_instance *instance) {
  while (instance->bells != NULL) close_bell(instance->bells);
}

static void rung(uv_handle_t *handle, int status, int events) {
  (void)events;
  struct open_bell *bell = uv_handle_get_data(handle);
  napi_env env = bell->instance->env;
  napi_handle_scope scope = NULL;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return; /* the environment ends */
  bool drained = mp_done(env, status < 0 ? status : mp_bell_drain(bell->socket), "recvmmsg");
  if (drained) mp_call_back(bell->instance, bell->context, bell->callback, 0, NULL);
  else mp_report_exception(env);
  (void)napi_close_handle_scope(env, scope); /* the one opened above */
}

static struct open_bell *unwrap(napi_env env, napi_callback_info info) {
  struct mp_call call;
  void *data = NULL;
  bool ours = false;
  CHECK(mp_call_read(&call, env, info));
  napi_status status = napi_check_object_type_tag(env, call.receiver, &bell_tag, &ours);
  if (status != napi_ok || !ours) {
    (void)mp_refuse_type(env, "this", "a bell");
    return NULL;
  }
  CHECK(mp_ok(env, napi_unwrap(env, call.receiver, &data)));
  return data;
}

static napi_value ref_method(napi_env env, napi_callback_info info) {
  struct open_bell *bell = unwrap(env, info);
  if (bell != NULL && bell->handle != NULL) uv_ref(bell->handle);
  return NULL;
}

static napi_value unref_method(napi_env env, napi_callback_info info) {
  struct open_bell *bell = unwrap(env, info);
  if (bell != NULL && bell->handle != NULL) uv_unref(bell->handle);
  return NULL;
}

static napi_value close_method(napi_env env, napi_callback_info info) {
  struct open_bell *bell = unwrap(env, info);
  if (bell != NULL) close_bell(bell);
  return NULL;
}

static const napi_property_descriptor bell_methods[] = {
    {"ref", NULL, ref_method, NULL, NULL, NULL, napi_enumerable, NULL},
    {"unref", NULL, unref_method, NULL, NULL, NULL, napi_enumerable, NULL},
    {"close", NULL, close_method, NULL, NULL, NULL, napi_enumerable, NULL},
};

/* From here on close_bell undoes everything. */
static bool start_polling(struct open_bell *bell, const char *arena, int32_t slot) {
  napi_env env = bell->instance->env;
  uv_loop_t *loop = NULL;
  if (!mp_ok(env, napi_get_uv_event_loop(env, (struct uv_loop_s **)&loop))) return false;
  if (!mp_done(env, mp_bell_listen(arena, slot, &bell->socket), "bind")) return false;
  uv_handle_t *handle = calloc(1, uv_handle_size(MP_UV_POLL));
  int error = handle == NULL ? -ENOMEM : uv_poll_init(loop, handle, bell->socket);
  if (error < 0) {
    (void)mp_descriptor_close(bell->socket); /* not yet known to anybody */
    free(handle);
    return mp_done(env, error, "uv_poll_init");
  }
  uv_handle_set_data(handle, bell);
  bell->handle = handle;
  bell->owners++;
  bell->next = bell->instance->bells;
  bell->instance->bells = bell;
  uv_unref(handle);
  return mp_done(env, uv_poll_start(handle, MP_UV_READABLE, rung), "uv_poll_start");
}

static bool refer(const struct mp_call *call, struct open_bell *bell, napi_value object) {
  napi_env env = call->env;
  napi_value name = NULL;
  return mp_ok(env, napi_create_reference(env, object, 1, &bell->object)) &&
         mp_ok(env, napi_create_reference(env, call->values[4], 1, &bell->callback)) &&
         mp_ok(env, napi_create_reference(env, call->values[2], 1, &bell->words)) &&
         mp_ok(env, napi_create_string_utf8(env, "polyprocess.bell", NAPI_AUTO_LENGTH, &name)) &&
         mp_ok(env, napi_async_init(env, NULL, name, &bell->context));
}

/* The object owns the bell from the moment it is wrapped. */
static napi_value wrap(napi_env env, struct open_bell *bell) {
  napi_value object = NULL;
  CHECK(mp_ok(env, napi_create_object(env, &object)));
  CHECK(mp_ok(env, napi_type_tag_object(env, object, &bell_tag)));
  CHECK(mp_ok(env, napi_define_properties(env, object, sizeof bell_methods / sizeof *bell_methods,
                                          bell_methods)));
  CHECK(mp_ok(env, napi_wrap(env, object, bell, collected, NULL, NULL)));
  bell->owners = 1;
  return object;
}

/* For who blocks for its bell and other descriptors at once. */
static bool tell_socket(struct open_bell *bell, napi_value object) {
  napi_env env = bell->instance->env;
  return mp_set(env, object, "descriptor", mp_number(env, bell->socket));
}

static napi_value open_bell(const struct mp_call *call, const char *arena, int32_t slot) {
  struct mp_instance *instance = mp_instance_of(call->env);
  CHECK(instance != NULL);
  struct open_bell *bell = calloc(1, sizeof *bell);
  CHECK(bell != NULL || mp_done(call->env, -ENOMEM, "calloc"));
  bell->instance = instance;
  bell->socket = -1;
  napi_value object = wrap(call->env, bell);
  if (object == NULL) free(bell);
  CHECK(object != NULL);
  bool opened =
      refer(call, bell, object) && start_polling(bell, arena, slot) && tell_socket(bell, object);
  if (!opened && bell->handle != NULL) close_bell(bell);
  else if (!opened) release_references(bell);
  return opened ? object : NULL;
}

napi_value mp_bell_open_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  char arena[MP_ARENA_ID_LENGTH + 1];
  int32_t slot;
  int32_t *words;
  napi_valuetype type;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_string(&call, 0, "arenaId", arena, sizeof arena));
  CHECK(mp_read_int(&call, 1, "slot", &slot));
  CHECK(mp_read_words(&call, 2, 2, &words));
  CHECK(mp_ok(env, napi_typeof(env, call.values[4], &type)));
  CHECK(type == napi_function || mp_refuse_type(env, "callback", "a function"));
  return open_bell(&call, arena, slot);
}

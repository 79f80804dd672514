/*
 * Descriptors that the event loop waits for. Each watch has a descriptor of its own, a duplicate:
 * several may watch the same file, what is watched stays as blocking as it was, and when this
 * process is forked (native/fork/loop.cc) it is the duplicate that the child covers.
 *
 * As a bell, an open watch has two owners, its object and libuv's handle. It is level-triggered:
 * the callback comes again until what it tells of is gone, or other events are asked for.
 */
#include <errno.h>
#include <stdlib.h>

#include "binding.h"
#include "mp_descriptor.h"
#include "uv_abi.h"

struct open_poll {
  struct mp_instance *instance;
  struct open_poll *next;
  uv_handle_t *handle; /* NULL once it is being closed */
  int descriptor;      /* ours */
  int events;          /* what libuv has been asked for */
  int owners;
  napi_async_context context;
  napi_ref object; /* an open watch that the program has forgotten still tells */
  napi_ref callback;
};

enum { EVERY_EVENT = MP_UV_READABLE | MP_UV_WRITABLE };

static const napi_type_tag poll_tag = {0x706f6c7970726f63, 0x6573732d706f6c6c};

static void drop_owner(struct open_poll *poll) {
  if (--poll->owners == 0) free(poll);
}

static void handle_closed(uv_handle_t *handle) {
  struct open_poll *poll = uv_handle_get_data(handle);
  struct mp_instance *instance = poll->instance;
  free(handle);
  drop_owner(poll);
  mp_handle_closed(instance);
}

/* Failures to let go cannot be told to anybody and leak a few bytes at worst. */
static void release_references(struct open_poll *poll) {
  napi_env env = poll->instance->env;
  if (poll->object != NULL) (void)napi_delete_reference(env, poll->object);
  if (poll->callback != NULL) (void)napi_delete_reference(env, poll->callback);
  if (poll->context != NULL) (void)napi_async_destroy(env, poll->context);
}

static void close_poll(struct open_poll *poll) {
  if (poll->handle == NULL) return;
  struct open_poll **link = &poll->instance->polls;
  while (*link != poll) link = &(*link)->next;
  *link = poll->next;
  poll->instance->closing_handles++;
  uv_close(poll->handle, handle_closed);
  /* libuv has stopped polling it, and this may be the last descriptor of its file. */
  (void)mp_descriptor_close(poll->descriptor);
  poll->handle = NULL;
  release_references(poll);
}

static void collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  drop_owner(data);
}

void mp_polls_close(struct mp_instance *instance) {
  while (instance->polls != NULL) close_poll(instance->polls);
}

/* libuv stops what has an error and says EBADF. Reading or writing tells what it is. */
static void ready(uv_handle_t *handle, int status, int events) {
  struct open_poll *poll = uv_handle_get_data(handle);
  napi_env env = poll->instance->env;
  napi_handle_scope scope = NULL;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return; /* the environment ends */
  if (status < 0) poll->events = 0;
  napi_value argument = mp_number(env, status < 0 ? EVERY_EVENT : events);
  if (argument == NULL) mp_report_exception(env);
  else mp_call_back(poll->instance, poll->context, poll->callback, 1, &argument);
  (void)napi_close_handle_scope(env, scope); /* the one opened above */
}

static struct open_poll *unwrap(struct mp_call *call, napi_env env, napi_callback_info info) {
  void *data = NULL;
  bool ours = false;
  CHECK(mp_call_read(call, env, info));
  napi_status status = napi_check_object_type_tag(env, call->receiver, &poll_tag, &ours);
  if (status != napi_ok || !ours) {
    (void)mp_refuse_type(env, "this", "a watch");
    return NULL;
  }
  CHECK(mp_ok(env, napi_unwrap(env, call->receiver, &data)));
  return data;
}

static napi_value wait_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t events;
  struct open_poll *poll = unwrap(&call, env, info);
  CHECK(poll != NULL);
  CHECK(mp_read_int(&call, 0, "events", &events));
  CHECK((events & ~EVERY_EVENT) == 0 || mp_refuse_range(env, "events", "from 0 to 3"));
  if (poll->handle == NULL || events == poll->events) return NULL;
  int error = events == 0 ? uv_poll_stop(poll->handle) : uv_poll_start(poll->handle, events, ready);
  CHECK(mp_done(env, error, "uv_poll_start"));
  poll->events = events;
  return NULL;
}

static napi_value ref_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  struct open_poll *poll = unwrap(&call, env, info);
  if (poll != NULL && poll->handle != NULL) uv_ref(poll->handle);
  return NULL;
}

static napi_value unref_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  struct open_poll *poll = unwrap(&call, env, info);
  if (poll != NULL && poll->handle != NULL) uv_unref(poll->handle);
  return NULL;
}

static napi_value close_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  struct open_poll *poll = unwrap(&call, env, info);
  if (poll != NULL) close_poll(poll);
  return NULL;
}

static const napi_property_descriptor poll_methods[] = {
    {"wait", NULL, wait_method, NULL, NULL, NULL, napi_enumerable, NULL},
    {"ref", NULL, ref_method, NULL, NULL, NULL, napi_enumerable, NULL},
    {"unref", NULL, unref_method, NULL, NULL, NULL, napi_enumerable, NULL},
    {"close", NULL, close_method, NULL, NULL, NULL, napi_enumerable, NULL},
};

/* From here on close_poll undoes everything. */
static bool prepare(struct open_poll *poll, uv_loop_t *loop, int descriptor) {
  napi_env env = poll->instance->env;
  int place = -1;
  if (!mp_done(env, mp_descriptor_reserve(&place), "eventfd")) return false;
  uv_handle_t *handle = calloc(1, uv_handle_size(MP_UV_POLL));
  int error = handle == NULL ? -ENOMEM : uv_poll_init(loop, handle, place);
  if (error < 0) {
    (void)mp_descriptor_close(place); /* not yet known to anybody */
    free(handle);
    return mp_done(env, error, "uv_poll_init");
  }
  uv_handle_set_data(handle, poll);
  poll->descriptor = place;
  poll->handle = handle;
  poll->owners++;
  poll->next = poll->instance->polls;
  poll->instance->polls = poll;
  uv_unref(handle);
  return mp_done(env, mp_descriptor_occupy(place, descriptor), "epoll_ctl");
}

static bool refer(struct open_poll *poll, napi_value object, napi_value callback) {
  napi_env env = poll->instance->env;
  napi_value name = NULL;
  return mp_ok(env, napi_create_reference(env, object, 1, &poll->object)) &&
         mp_ok(env, napi_create_reference(env, callback, 1, &poll->callback)) &&
         mp_ok(env, napi_create_string_utf8(env, "polyprocess.poll", NAPI_AUTO_LENGTH, &name)) &&
         mp_ok(env, napi_async_init(env, NULL, name, &poll->context));
}

/* The object owns the watch from the moment it is wrapped. */
static napi_value wrap(napi_env env, struct open_poll *poll) {
  napi_value object = NULL;
  CHECK(mp_ok(env, napi_create_object(env, &object)));
  CHECK(mp_ok(env, napi_type_tag_object(env, object, &poll_tag)));
  CHECK(mp_ok(env, napi_define_properties(env, object, sizeof poll_methods / sizeof *poll_methods,
                                          poll_methods)));
  CHECK(mp_ok(env, napi_wrap(env, object, poll, collected, NULL, NULL)));
  poll->owners = 1;
  return object;
}

napi_value mp_poll_watch_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  napi_valuetype type;
  uv_loop_t *loop = NULL;
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL);
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(mp_ok(env, napi_typeof(env, call.values[1], &type)));
  CHECK(type == napi_function || mp_refuse_type(env, "callback", "a function"));
  CHECK(mp_ok(env, napi_get_uv_event_loop(env, (struct uv_loop_s **)&loop)));
  struct open_poll *poll = calloc(1, sizeof *poll);
  CHECK(poll != NULL || mp_done(env, -ENOMEM, "calloc"));
  poll->instance = instance;
  napi_value object = wrap(env, poll);
  if (object == NULL) free(poll);
  CHECK(object != NULL);
  bool opened = refer(poll, object, call.values[1]) && prepare(poll, loop, descriptor);
  if (!opened && poll->handle != NULL) close_poll(poll);
  else if (!opened) release_references(poll);
  return opened ? object : NULL;
}

/* spawn(options): reads the options into a plan that mp_spawn can use. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "mp_spawn.h"

/* Owns what a plan points to. */
struct loaded_plan {
  char *file;
  char **arguments;
  char **environment;
  char *directory;
  int *descriptors;
  size_t descriptor_count;
  bool process_group;
};

static void free_list(char **list) {
  for (size_t i = 0; list != NULL && list[i] != NULL; i++) free(list[i]);
  free(list);
}

static void free_plan(struct loaded_plan *plan) {
  free(plan->file);
  free_list(plan->arguments);
  free_list(plan->environment);
  free(plan->directory);
  free(plan->descriptors);
}

static bool load_string(napi_env env, napi_value value, const char *name, char **string) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok)
    return mp_refuse_type(env, name, "a string");
  char *copy = malloc(length + 1);
  if (copy == NULL) return mp_done(env, -ENOMEM, "malloc");
  *string = copy; /* the plan owns it from here on, whatever happens */
  if (!mp_ok(env, napi_get_value_string_utf8(env, value, copy, length + 1, &length))) return false;
  if (strlen(copy) == length) return true;
  return mp_refuse_range(env, name, "a string without NUL characters");
}

/* Arrays and typed arrays alike. */
static bool list_length(napi_env env, napi_value list, const char *name, uint32_t *length) {
  napi_value value = NULL;
  napi_valuetype type;
  if (!mp_ok(env, napi_typeof(env, list, &type))) return false;
  if (type != napi_object) return mp_refuse_type(env, name, "an array");
  if (!mp_ok(env, napi_get_named_property(env, list, "length", &value))) return false;
  if (napi_get_value_uint32(env, value, length) == napi_ok) return true;
  return mp_refuse_type(env, name, "an array");
}

static bool load_strings(napi_env env, napi_value list, const char *name, char ***strings) {
  uint32_t length;
  if (!list_length(env, list, name, &length)) return false;
  *strings = calloc((size_t)length + 1, sizeof **strings);
  if (*strings == NULL) return mp_done(env, -ENOMEM, "calloc");
  for (uint32_t i = 0; i < length; i++) {
    napi_value element = NULL;
    if (!mp_ok(env, napi_get_element(env, list, i, &element))) return false;
    if (!load_string(env, element, name, &(*strings)[i])) return false;
  }
  return true;
}

static bool load_descriptors(napi_env env, napi_value list, struct loaded_plan *plan) {
  uint32_t length;
  if (!list_length(env, list, "fds", &length)) return false;
  plan->descriptors = calloc((size_t)length + 1, sizeof *plan->descriptors);
  if (plan->descriptors == NULL) return mp_done(env, -ENOMEM, "calloc");
  plan->descriptor_count = length;
  for (uint32_t i = 0; i < length; i++) {
    napi_value element = NULL;
    if (!mp_ok(env, napi_get_element(env, list, i, &element))) return false;
    if (napi_get_value_int32(env, element, &plan->descriptors[i]) != napi_ok)
      return mp_refuse_type(env, "fds", "an array of numbers");
  }
  return true;
}

/* An option that is absent or undefined: `given` is false. */
static bool get_option(napi_env env, napi_value options, const char *name, napi_value *value,
                       bool *given) {
  napi_valuetype type;
  if (!mp_ok(env, napi_get_named_property(env, options, name, value))) return false;
  if (!mp_ok(env, napi_typeof(env, *value, &type))) return false;
  *given = type != napi_undefined;
  return true;
}

static bool load_optional(napi_env env, napi_value options, struct loaded_plan *plan) {
  napi_value value = NULL;
  bool given = false;
  if (!get_option(env, options, "cwd", &value, &given)) return false;
  if (given && !load_string(env, value, "cwd", &plan->directory)) return false;
  if (!get_option(env, options, "processGroup", &value, &given)) return false;
  if (!given || napi_get_value_bool(env, value, &plan->process_group) == napi_ok) return true;
  return mp_refuse_type(env, "processGroup", "a boolean");
}

static bool load_plan(napi_env env, napi_value options, struct loaded_plan *plan) {
  napi_value value = NULL;
  bool given = false;
  return get_option(env, options, "file", &value, &given) &&
         load_string(env, value, "file", &plan->file) &&
         get_option(env, options, "args", &value, &given) &&
         load_strings(env, value, "args", &plan->arguments) &&
         get_option(env, options, "env", &value, &given) &&
         load_strings(env, value, "env", &plan->environment) &&
         get_option(env, options, "fds", &value, &given) && load_descriptors(env, value, plan) &&
         load_optional(env, options, plan);
}

static int run_plan(const struct loaded_plan *loaded, struct mp_spawned *spawned) {
  struct mp_spawn_plan plan = {.file = loaded->file,
                               .arguments = loaded->arguments,
                               .environment = loaded->environment,
                               .directory = loaded->directory,
                               .descriptors = loaded->descriptors,
                               .descriptor_count = loaded->descriptor_count,
                               .process_group = loaded->process_group};
  return mp_spawn(&plan, spawned);
}

napi_value mp_spawn_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  napi_valuetype type;
  struct loaded_plan plan = {0};
  struct mp_spawned spawned;
  napi_value result = NULL;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_ok(env, napi_typeof(env, call.values[0], &type)));
  CHECK(type == napi_object || mp_refuse_type(env, "options", "an object"));
  bool started = load_plan(env, call.values[0], &plan);
  if (started) {
    int error = run_plan(&plan, &spawned);
    started = mp_done(env, error, spawned.failed);
  }
  free_plan(&plan);
  CHECK(started);
  CHECK(mp_ok(env, napi_create_object(env, &result)));
  CHECK(mp_set(env, result, "pid", mp_number(env, spawned.pid)));
  CHECK(mp_set(env, result, "pidfd", mp_number(env, spawned.pidfd)));
  return result;
}

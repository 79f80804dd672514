/* Descriptors that go with their thread. A process that ends loses them by itself; a Worker that
 * ends leaves them to its process, and whoever is at the other end would wait for ever. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "mp_descriptor.h"

enum { FIRST_CAPACITY = 64 };

static bool make_room(struct mp_owned *owned, size_t descriptor) {
  if (descriptor < owned->capacity) return true;
  size_t capacity = owned->capacity == 0 ? FIRST_CAPACITY : owned->capacity;
  while (capacity <= descriptor) capacity *= 2;
  bool *marks = realloc(owned->marks, capacity * sizeof *marks);
  if (marks == NULL) return false;
  memset(marks + owned->capacity, 0, (capacity - owned->capacity) * sizeof *marks);
  owned->marks = marks;
  owned->capacity = capacity;
  return true;
}

static struct mp_owned *read_owned(napi_env env, napi_callback_info info, int32_t *descriptor) {
  struct mp_call call;
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL && mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", descriptor));
  CHECK(*descriptor >= 0 || mp_refuse_range(env, "fd", "a descriptor"));
  return &instance->owned;
}

napi_value mp_own_descriptor_method(napi_env env, napi_callback_info info) {
  int32_t descriptor;
  struct mp_owned *owned = read_owned(env, info, &descriptor);
  CHECK(owned != NULL);
  CHECK(make_room(owned, (size_t)descriptor) || mp_done(env, -ENOMEM, "realloc"));
  owned->marks[descriptor] = true;
  return NULL;
}

napi_value mp_close_owned_method(napi_env env, napi_callback_info info) {
  int32_t descriptor;
  struct mp_owned *owned = read_owned(env, info, &descriptor);
  CHECK(owned != NULL);
  bool is_owned = (size_t)descriptor < owned->capacity && owned->marks[descriptor];
  CHECK(is_owned || mp_refuse_range(env, "fd", "a descriptor of this thread"));
  owned->marks[descriptor] = false;
  CHECK(mp_done(env, mp_descriptor_close(descriptor), "close"));
  return NULL;
}

void mp_owned_close(struct mp_owned *owned) {
  for (size_t i = 0; i < owned->capacity; i++) {
    if (owned->marks[i]) (void)mp_descriptor_close((int)i); /* nobody is left to hear of it */
  }
  free(owned->marks);
  *owned = (struct mp_owned){0};
}

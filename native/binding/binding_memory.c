#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "binding.h"
#include "mp_memory.h"
#include "mp_watcher.h"

enum { LONGEST_NAME = 256 };

/* What the finalizer of a mapped buffer must undo. */
struct mapping {
  void *address;
  size_t length;
  struct mp_watcher *watcher; /* silences the bells in it */
  const struct mp_instance *instance;
};

napi_value mp_memory_create_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  char name[LONGEST_NAME];
  int descriptor;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_string(&call, 0, "name", name, sizeof name));
  CHECK(mp_done(env, mp_memory_create(name, &descriptor), "memfd_create"));
  return mp_number(env, descriptor);
}

static napi_value resize(napi_env env, napi_callback_info info, int change(int, uint64_t)) {
  struct mp_call call;
  int32_t descriptor;
  uint64_t size;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(mp_read_size(&call, 1, "size", &size));
  CHECK(mp_done(env, change(descriptor, size), "ftruncate"));
  return NULL;
}

napi_value mp_memory_grow_method(napi_env env, napi_callback_info info) {
  return resize(env, info, mp_memory_grow);
}

napi_value mp_memory_truncate_method(napi_env env, napi_callback_info info) {
  return resize(env, info, mp_memory_truncate);
}

napi_value mp_memory_size_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  uint64_t size;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(mp_done(env, mp_memory_size(descriptor, &size), "statx"));
  return mp_number(env, (double)size);
}

/* While a thread's environment ends, Node frees external buffers in spite of references to them and
 * before our own clean-up. A child that ended at that moment would have the helper thread ring in
 * memory that is gone, so the bells in it are silenced first. Memory that was lent (binding_lend.c)
 * may be in use in another thread even then, and nobody knows in which mapping. */
static void unmap(napi_env env, void *data, void *hint) {
  (void)data;
  struct mapping *mapping = hint;
  mp_watcher_silence(mapping->watcher, mapping->address, mapping->length);
  bool in_use = mapping->instance->loans > 0 && mp_is_ending(env);
  if (!in_use) (void)mp_memory_unmap(mapping->address, mapping->length); /* whole: cannot fail */
  mp_watcher_release(mapping->watcher);
  free(mapping);
}

static int map(struct mapping *mapping, int descriptor, uint64_t offset) {
  int error = mp_watcher_acquire(&mapping->watcher);
  if (error < 0) return error;
  error = mp_memory_map(descriptor, offset, mapping->length, &mapping->address);
  if (error < 0) mp_watcher_release(mapping->watcher);
  return error;
}

/* Asked before mapping, because a buffer that Node refuses as too large has its finalizer called
 * all the same, and one that it refuses for another reason has not. */
static bool fits_buffer(napi_env env, uint64_t length) {
  const napi_node_version *version = NULL;
  if (!mp_ok(env, napi_get_node_version(env, &version))) return false;
  const uint64_t node_20_limit = UINT64_C(1) << 32;
  if (length > 0 && (version->major > 20 || length <= node_20_limit)) return true;
  return mp_refuse_range(env, "length", "from 1 to the longest buffer (4 GiB on Node 20)");
}

bool mp_can_map(const struct mp_call *call, uint64_t offset, uint64_t length) {
  uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  if (offset % page != 0)
    return mp_refuse_range(call->env, "offset", "a multiple of the page size");
  return fits_buffer(call->env, length);
}

napi_value mp_memory_map_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  uint64_t offset;
  uint64_t length;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(mp_read_size(&call, 1, "offset", &offset));
  CHECK(mp_read_size(&call, 2, "length", &length));
  CHECK(mp_can_map(&call, offset, length));
  const struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL);
  struct mapping *mapping = malloc(sizeof *mapping);
  CHECK(mapping != NULL || mp_done(env, -ENOMEM, "malloc"));
  mapping->instance = instance;
  mapping->length = (size_t)length;
  int error = map(mapping, descriptor, offset);
  if (error < 0) free(mapping);
  CHECK(mp_done(env, error, "mmap"));
  napi_value buffer = NULL;
  /* On failure the mapping stays: whether the finalizer is called is not known then, and unmapping
   * twice could hit somebody else's memory. */
  CHECK(mp_ok(env, napi_create_external_arraybuffer(env, mapping->address, mapping->length, unmap,
                                                    mapping, &buffer)));
  return buffer;
}

napi_value mp_memory_write_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  uint64_t offset;
  void *bytes;
  size_t length;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(mp_read_size(&call, 1, "offset", &offset));
  CHECK(mp_read_bytes(&call, 2, "bytes", &bytes, &length));
  CHECK(mp_done(env, mp_memory_write(descriptor, offset, bytes, length), "pwrite"));
  return NULL;
}

napi_value mp_memory_enlarge_pages_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  void *bytes;
  size_t length;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_bytes(&call, 0, "bytes", &bytes, &length));
  mp_memory_enlarge_pages(bytes, length);
  return NULL;
}

napi_value mp_memory_punch_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  uint64_t offset;
  uint64_t length;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(mp_read_size(&call, 1, "offset", &offset));
  CHECK(mp_read_size(&call, 2, "length", &length));
  CHECK(mp_done(env, mp_memory_punch(descriptor, offset, length), "fallocate"));
  return NULL;
}

napi_value mp_shared_memory_open_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  char name[LONGEST_NAME + 1];
  int32_t flags;
  int descriptor;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_string(&call, 0, "name", name, sizeof name));
  CHECK(mp_read_int(&call, 1, "flags", &flags));
  CHECK(flags == 0 || flags == 1 || mp_refuse_range(env, "flags", "0 (open) or 1 (create)"));
  CHECK(mp_done(env, mp_memory_open_named(name, flags == 1, &descriptor), "open"));
  return mp_number(env, descriptor);
}

napi_value mp_shared_memory_unlink_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  char name[LONGEST_NAME + 1];
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_string(&call, 0, "name", name, sizeof name));
  CHECK(mp_done(env, mp_memory_unlink_named(name), "unlink"));
  return NULL;
}

napi_value mp_shared_memory_open_unnamed_method(napi_env env, napi_callback_info info) {
  (void)info;
  int descriptor;
  CHECK(mp_done(env, mp_memory_open_unnamed(&descriptor), "open"));
  return mp_number(env, descriptor);
}

napi_value mp_shared_memory_link_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  char name[LONGEST_NAME + 1];
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(mp_read_string(&call, 1, "name", name, sizeof name));
  CHECK(mp_done(env, mp_memory_link_named(descriptor, name), "linkat"));
  return NULL;
}

napi_value mp_memory_identity_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  char identity[MP_IDENTITY];
  napi_value text = NULL;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(mp_done(env, mp_memory_identity(descriptor, identity), "statx"));
  CHECK(mp_ok(env, napi_create_string_utf8(env, identity, NAPI_AUTO_LENGTH, &text)));
  return text;
}

napi_value mp_shared_memory_unlink_same_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  char name[LONGEST_NAME + 1];
  char identity[MP_IDENTITY];
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_string(&call, 0, "name", name, sizeof name));
  CHECK(mp_read_string(&call, 1, "identity", identity, sizeof identity));
  CHECK(mp_done(env, mp_memory_unlink_same(name, identity), "unlink"));
  return NULL;
}

static bool read_place(struct mp_call *call, napi_env env, napi_callback_info info,
                       int32_t *descriptor, uint64_t *offset) {
  return mp_call_read(call, env, info) && mp_read_int(call, 0, "fd", descriptor) &&
         mp_read_size(call, 1, "offset", offset);
}

napi_value mp_byte_lock_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  uint64_t offset;
  CHECK(read_place(&call, env, info, &descriptor, &offset));
  int error = mp_byte_lock(descriptor, offset);
  if (error == -EAGAIN) return mp_boolean(env, false);
  CHECK(mp_done(env, error, "fcntl"));
  return mp_boolean(env, true);
}

napi_value mp_byte_unlock_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  uint64_t offset;
  CHECK(read_place(&call, env, info, &descriptor, &offset));
  CHECK(mp_done(env, mp_byte_unlock(descriptor, offset), "fcntl"));
  return NULL;
}

napi_value mp_byte_lock_owner_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  uint64_t offset;
  pid_t owner;
  CHECK(read_place(&call, env, info, &descriptor, &offset));
  CHECK(mp_done(env, mp_byte_lock_owner(descriptor, offset, &owner), "fcntl"));
  return mp_number(env, owner);
}

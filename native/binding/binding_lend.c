/*
 * Memory lent to a program: a buffer over exactly the bytes of a block, and the news that nobody
 * has them any more.
 *
 * The finalizer belongs to the memory and not to the ArrayBuffer object. Whoever moves the memory
 * on, with transfer() or to a Worker, leaves an object behind that is collected while the memory is
 * in use; the finalizer runs when the last one is, in the event loop of the thread that lent it.
 *
 * When that thread's environment ends, Node calls the finalizers of all buffers, also for memory
 * that was moved to another thread and is in use there. So what is lent at that moment stays mapped
 * until the process ends, and so does every mapping in which it may lie. No clean-up hook runs
 * early enough to say so (Node 22 and later finalize buffers before all hooks); that JavaScript
 * cannot be called any more is what tells the two apart.
 */
#include <errno.h>
#include <stdlib.h>

#include "binding.h"
#include "mp_memory.h"

struct loan {
  struct mp_instance *instance;
  int generation;
  double key;
  napi_ref source; /* keeps the mapping that the bytes lie in; NULL: it has one of its own */
  void *address;
  size_t length;
};

static void tell(napi_env env, const struct mp_instance *instance, double key) {
  napi_value callback = NULL;
  napi_value receiver = NULL;
  napi_value number = NULL;
  if (instance->returned == NULL) return;
  napi_status status = napi_get_reference_value(env, instance->returned, &callback);
  if (status == napi_ok) status = napi_get_global(env, &receiver);
  if (status == napi_ok) status = napi_create_double(env, key, &number);
  /* What the callback throws stays pending: Node makes an 'uncaughtException' of it. */
  if (status == napi_ok) (void)napi_call_function(env, receiver, callback, 1, &number, NULL);
}

static void give_back(napi_env env, void *data, void *hint) {
  (void)data;
  struct loan *loan = hint;
  struct mp_instance *instance = loan->instance;
  double key = loan->key;
  bool ending = mp_is_ending(env);
  bool inherited = loan->generation != instance->generation;
  if (!ending) {
    if (loan->source != NULL) (void)napi_delete_reference(env, loan->source); /* made for it */
    else (void)mp_memory_unmap(loan->address, loan->length); /* ours and whole: cannot fail */
    instance->loans--;
  }
  free(loan);
  /* What the parent of a forked process was lent, the parent gives back. */
  if (!ending && !inherited) tell(env, instance, key);
}

/* On failure the loan stays: whether the finalizer is called is not known then. */
static napi_value lend(napi_env env, struct loan *loan) {
  napi_value buffer = NULL;
  loan->instance->loans++;
  CHECK(mp_ok(env, napi_create_external_arraybuffer(env, loan->address, loan->length, give_back,
                                                    loan, &buffer)));
  return buffer;
}

static struct loan *make_loan(napi_env env, double key) {
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL);
  struct loan *loan = calloc(1, sizeof *loan);
  CHECK(loan != NULL || mp_done(env, -ENOMEM, "calloc"));
  loan->instance = instance;
  loan->generation = instance->generation;
  loan->key = key;
  return loan;
}

napi_value mp_lend_within_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  void *bytes;
  size_t present;
  uint64_t offset;
  uint64_t length;
  double key;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_bytes(&call, 0, "mapped", &bytes, &present));
  CHECK(mp_read_size(&call, 1, "offset", &offset));
  CHECK(mp_read_size(&call, 2, "length", &length));
  CHECK(mp_read_double(&call, 3, "key", &key));
  bool within = length > 0 && offset <= present && length <= present - offset;
  CHECK(within || mp_refuse_range(env, "length", "at least 1, and within `mapped`"));
  struct loan *loan = make_loan(env, key);
  CHECK(loan != NULL);
  bool kept = mp_ok(env, napi_create_reference(env, call.values[0], 1, &loan->source));
  if (!kept) free(loan);
  CHECK(kept);
  loan->address = (char *)bytes + offset;
  loan->length = (size_t)length;
  return lend(env, loan);
}

napi_value mp_lend_mapped_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  int32_t descriptor;
  uint64_t offset;
  uint64_t length;
  double key;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_read_int(&call, 0, "fd", &descriptor));
  CHECK(mp_read_size(&call, 1, "offset", &offset));
  CHECK(mp_read_size(&call, 2, "length", &length));
  CHECK(mp_read_double(&call, 3, "key", &key));
  CHECK(mp_can_map(&call, offset, length));
  struct loan *loan = make_loan(env, key);
  CHECK(loan != NULL);
  loan->length = (size_t)length;
  int error = mp_memory_map(descriptor, offset, loan->length, &loan->address);
  if (error < 0) free(loan);
  CHECK(mp_done(env, error, "mmap"));
  return lend(env, loan);
}

napi_value mp_on_returned_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  napi_valuetype type;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_ok(env, napi_typeof(env, call.values[0], &type)));
  CHECK(type == napi_function || mp_refuse_type(env, "callback", "a function"));
  struct mp_instance *instance = mp_instance_of(env);
  CHECK(instance != NULL);
  if (instance->returned != NULL) (void)napi_delete_reference(env, instance->returned);
  instance->returned = NULL;
  CHECK(mp_ok(env, napi_create_reference(env, call.values[0], 1, &instance->returned)));
  return NULL;
}

/* The buffer has no memory from here on, nor does any view of it; what lent memory tells when
 * nobody has it any more, it tells after this. Node's own `transfer` refuses buffers over foreign
 * memory. */
napi_value mp_detach_method(napi_env env, napi_callback_info info) {
  struct mp_call call;
  bool is_buffer = false;
  CHECK(mp_call_read(&call, env, info));
  CHECK(mp_ok(env, napi_is_arraybuffer(env, call.values[0], &is_buffer)));
  CHECK(is_buffer || mp_refuse_type(env, "buffer", "an ArrayBuffer"));
  CHECK(mp_ok(env, napi_detach_arraybuffer(env, call.values[0])));
  return NULL;
}

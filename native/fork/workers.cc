/*
 * Workers whose threads are gone. What is left of one its event loop clears away: it joins the thread,
 * forgets it and has `onexit` called. Whoever waits without the event loop and forks then leaves that
 * to the child as well, which cannot do it: it has no such thread, and glibc has given its stack to
 * whoever wants one. So it is done before the fork, by Node's own function, which is done once and no
 * more.
 */
#include "fork.h"

namespace polyprocess {
namespace {

/* Where Node's objects keep the pointer to their other half. */
constexpr int kSlot = 1;

void *OtherHalf(v8::Local<v8::Object> handle) {
  if (handle->InternalFieldCount() <= kSlot) return nullptr;
#if V8_MAJOR_VERSION >= 14
  return handle->GetAlignedPointerFromInternalField(kSlot, v8::kEmbedderDataTypeTagDefault);
#else
  return handle->GetAlignedPointerFromInternalField(kSlot);
#endif
}

} // namespace

void JoinWorker(v8::Local<v8::Object> handle) {
  auto join = reinterpret_cast<void (*)(void *)>(GetNodesBinary().join_worker);
  void *worker = OtherHalf(handle);
  if (join != nullptr && worker != nullptr) join(worker);
}

} // namespace polyprocess

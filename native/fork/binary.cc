/* What is found by name in Node's binary. Looked up in the parent: a child would pay for the pages
 * of the symbol table. Where a symbol is missing, what it stands for is taken for the program's. */
#include <dlfcn.h>
#include <link.h>

#include "fork.h"

namespace polyprocess {
namespace {

NodesBinary binary;

/* dladdr would look at every symbol; the segments are enough. */
int FindRange(struct dl_phdr_info *object, size_t, void *within) {
  auto wanted = reinterpret_cast<uintptr_t>(within);
  uintptr_t start = UINTPTR_MAX, end = 0;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) &segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    uintptr_t from = object->dlpi_addr + segment.p_vaddr;
    if (from < start) start = from;
    if (from + segment.p_memsz > end) end = from + segment.p_memsz;
  }
  if (wanted < start || wanted >= end) return 0;
  binary.start = start;
  binary.end = end;
  return 1;
}

} // namespace

void FindNodesBinary() {
  (void)dl_iterate_phdr(FindRange, reinterpret_cast<void *>(&uv_loop_fork));
  binary.platform_table = dlsym(RTLD_DEFAULT, "_ZTVN4node12NodePlatformE");
  binary.run_timers = dlsym(RTLD_DEFAULT, "_ZN4node11Environment9RunTimersEP10uv_timer_s");
  binary.run_delayed_task =
      dlsym(RTLD_DEFAULT, "_ZN4node22PerIsolatePlatformData17RunForegroundTaskEP10uv_timer_s");
  binary.flush_tasks =
      dlsym(RTLD_DEFAULT, "_ZN4node22PerIsolatePlatformData10FlushTasksEP10uv_async_s");
  binary.join_worker = dlsym(RTLD_DEFAULT, "_ZN4node6worker6Worker10JoinThreadEv");
}

const NodesBinary &GetNodesBinary() {
  return binary;
}

} // namespace polyprocess

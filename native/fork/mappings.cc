/* V8 marks its memory MADV_DONTFORK, so that a fork before exec need not copy its page tables: a
 * child would die of SIGSEGV in its first instruction. V8 marks what it maps anew, so this is done
 * before each fork, in the same native call.
 *
 * One call for all of the address space but the kernel's own pages, which refuse; they are where
 * they were at the first look. Where something else refuses (memory of a device), the mappings are
 * gone through one by one. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "fork.h"

namespace polyprocess {
namespace {

/* Neighbours are marked by one call; each call takes the lock of the whole address space. */
struct Range {
  uintptr_t start = 0;
  uintptr_t end = 0;
  void Flush() {
    /* Fails for memory of devices, which nobody forbids to inherit but their driver. */
    if (end > start) (void)madvise(reinterpret_cast<void *>(start), end - start, MADV_DOFORK);
    start = end = 0;
  }
  void Add(uintptr_t from, uintptr_t to) {
    if (from != end) {
      Flush();
      start = from;
    }
    end = to;
  }
};

uintptr_t ReadHex(const char **text) {
  uintptr_t value = 0;
  for (;; ++*text) {
    char digit = **text;
    if (digit >= '0' && digit <= '9') value = value * 16 + static_cast<uintptr_t>(digit - '0');
    else if (digit >= 'a' && digit <= 'f')
      value = value * 16 + static_cast<uintptr_t>(digit - 'a' + 10);
    else return value;
  }
}

/* [vvar], [vdso] and their like, which lie side by side. */
struct KernelsPages {
  uintptr_t start = 0;
  uintptr_t end = 0;
  void Add(uintptr_t from, uintptr_t to) {
    if (start == 0 || from < start) start = from;
    if (to > end) end = to;
  }
};
KernelsPages kernels_pages;

constexpr uintptr_t kEndOfMemory = 0x7ffffffff000; /* of a process, in the smallest layout there is */

/* start-end perms offset device inode      name */
void ReadLine(const char *line, Range *range) {
  uintptr_t start = ReadHex(&line);
  line++;
  uintptr_t end = ReadHex(&line);
  for (int field = 0; field < 4; field++) line = strchr(line, ' ') + 1;
  bool has_file = line[0] != '0' || line[1] != ' ';
  const char *name = strchr(line, ' ');
  while (name != nullptr && *name == ' ') name++;
  /* [vvar], [vdso], [vsyscall] are the kernel's. */
  bool is_system = name != nullptr && name[0] == '[' && name[1] == 'v';
  if (is_system && start < kEndOfMemory) kernels_pages.Add(start, end);
  if (!has_file && !is_system) range->Add(start, end);
}

/* A hole in the range is an error, too, but the last one, and all is done by then. */
bool ShareRange(uintptr_t start, uintptr_t end) {
  int result = madvise(reinterpret_cast<void *>(start), end - start, MADV_DOFORK);
  return result == 0 || errno == ENOMEM;
}

bool ShareAtOnce() {
  return kernels_pages.end > 0 && ShareRange(0, kernels_pages.start) &&
         ShareRange(kernels_pages.end, kEndOfMemory);
}

} // namespace

int ShareMappings() {
  if (ShareAtOnce()) return 0;
  int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  char text[16384];
  size_t filled = 0;
  Range range;
  ssize_t count;
  while ((count = read(file, text + filled, sizeof text - 1 - filled)) > 0) {
    filled += static_cast<size_t>(count);
    text[filled] = '\0';
    char *line = text;
    while (char *end = strchr(line, '\n')) {
      *end = '\0';
      ReadLine(line, &range);
      line = end + 1;
    }
    filled -= static_cast<size_t>(line - text);
    memmove(text, line, filled);
  }
  int error = count < 0 ? -errno : 0;
  range.Flush();
  close(file);
  return error;
}

} // namespace polyprocess

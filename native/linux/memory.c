#include "mp_memory.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "system_calls.h"

int mp_memory_create(const char *name, int *descriptor) {
  int created = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (created < 0) return -errno;
  if (fcntl(created, F_ADD_SEALS, F_SEAL_SHRINK) < 0) {
    int error = -errno;
    (void)close(created); /* nothing was ever written to it */
    return error;
  }
  *descriptor = created;
  return 0;
}

int mp_memory_truncate(int descriptor, uint64_t size) {
  if (size > INT64_MAX) return -EFBIG;
  int result;
  do {
    result = ftruncate(descriptor, (off_t)size);
  } while (result < 0 && errno == EINTR);
  return mp_result(result);
}

/* The seal is what makes this safe: the kernel checks it under the file's own lock, so a smaller
 * request that arrives late is refused instead of cutting off what others have mapped. */
int mp_memory_grow(int descriptor, uint64_t size) {
  int error = mp_memory_truncate(descriptor, size);
  if (error != -EPERM) return error;
  uint64_t present = 0;
  int failed = mp_memory_size(descriptor, &present);
  if (failed < 0) return failed;
  return present >= size ? 0 : error;
}

/* statx, because fstat is a symbol of glibc 2.33 in what a newer compiler emits. */
int mp_memory_size(int descriptor, uint64_t *size) {
  struct statx status;
  if (statx(descriptor, "", AT_EMPTY_PATH, STATX_SIZE, &status) < 0) return -errno;
  *size = status.stx_size;
  return 0;
}

int mp_memory_map(int descriptor, uint64_t offset, size_t length, void **address) {
  if (offset > INT64_MAX) return -EOVERFLOW;
  void *mapped = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, (off_t)offset);
  if (mapped == MAP_FAILED) return -errno;
  *address = mapped;
  return 0;
}

int mp_memory_unmap(void *address, size_t length) {
  return mp_result(munmap(address, length));
}

int mp_memory_write(int descriptor, uint64_t offset, const void *bytes, size_t length) {
  if (offset > INT64_MAX || length > INT64_MAX - offset) return -EFBIG;
  for (size_t written = 0; written < length;) {
    const char *from = (const char *)bytes + written;
    ssize_t result = pwrite(descriptor, from, length - written, (off_t)(offset + written));
    if (result >= 0) written += (size_t)result;
    else if (errno != EINTR) return -errno;
  }
  return 0;
}

void mp_memory_enlarge_pages(void *address, size_t length) {
  const uintptr_t large = UINT64_C(2) << 20;
  uintptr_t start = ((uintptr_t)address + large - 1) & ~(large - 1);
  uintptr_t end = ((uintptr_t)address + length) & ~(large - 1);
  /* EINVAL is all that can come, where the system was built without large pages. */
  if (start < end) (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
}

int mp_memory_punch(int descriptor, uint64_t offset, uint64_t length) {
  if (offset > INT64_MAX || length > INT64_MAX) return -EFBIG;
  int result;
  do {
    result = fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
                       (off_t)length);
  } while (result < 0 && errno == EINTR);
  return mp_result(result);
}

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "mp_memory.h"
#include "runner.h"

enum { MEGABYTE = 1 << 20, GROWTHS = 200, GROWERS = 4 };

static int new_memory(void) {
  int memory = -1;
  EXPECT_EQUAL(mp_memory_create("polyprocess-test", &memory), 0);
  return memory;
}

static void is_private_and_empty(void) {
  int memory = new_memory();
  uint64_t size = 1;
  EXPECT_EQUAL(mp_memory_size(memory, &size), 0);
  EXPECT_EQUAL(size, 0);
  EXPECT(is_close_on_exec(memory));
  EXPECT_EQUAL(mp_descriptor_close(memory), 0);
}

static void write_in_child(void *address) {
  memcpy(address, "hello", 6);
}

static void is_shared_with_children(void) {
  int memory = new_memory();
  void *address = NULL;
  EXPECT_EQUAL(mp_memory_grow(memory, 8192), 0);
  EXPECT_EQUAL(mp_memory_map(memory, 4096, 4096, &address), 0);
  EXPECT_EQUAL(end_of(start_child(write_in_child, address)), 0);
  EXPECT(strcmp(address, "hello") == 0);
  EXPECT_EQUAL(mp_memory_unmap(address, 4096), 0);
  EXPECT_EQUAL(mp_descriptor_close(memory), 0);
}

static void never_shrinks(void) {
  int memory = new_memory();
  uint64_t size = 0;
  EXPECT_EQUAL(mp_memory_grow(memory, 8192), 0);
  EXPECT_EQUAL(mp_memory_grow(memory, 4096), 0);
  EXPECT_EQUAL(mp_memory_truncate(memory, 4096), -EPERM);
  EXPECT_EQUAL(mp_memory_size(memory, &size), 0);
  EXPECT_EQUAL(size, 8192);
  EXPECT_EQUAL(mp_memory_grow(memory, UINT64_MAX), -EFBIG);
  EXPECT_EQUAL(mp_descriptor_close(memory), 0);
}

/* Each child asks for sizes in an order of its own and must have what it asked for at once. */
static void grow_in_child(void *argument) {
  int memory = *(int *)argument;
  unsigned seed = (unsigned)getpid();
  for (int i = 0; i < GROWTHS; i++) {
    seed = seed * 1103515245U + 12345U;
    uint64_t wanted = (uint64_t)(seed >> 8) % 1000 * 4096;
    uint64_t size = 0;
    EXPECT_EQUAL(mp_memory_grow(memory, wanted), 0);
    EXPECT_EQUAL(mp_memory_size(memory, &size), 0);
    EXPECT(size >= wanted);
  }
}

static void grows_from_many_processes(void) {
  int memory = new_memory();
  pid_t children[GROWERS];
  for (int i = 0; i < GROWERS; i++) children[i] = start_child(grow_in_child, &memory);
  for (int i = 0; i < GROWERS; i++) EXPECT_EQUAL(end_of(children[i]), 0);
  EXPECT_EQUAL(mp_descriptor_close(memory), 0);
}

static long allocated(int memory) {
  struct stat status;
  EXPECT_EQUAL(fstat(memory, &status), 0);
  return (long)status.st_blocks * 512;
}

static void punching_gives_memory_back(void) {
  int memory = new_memory();
  void *address = NULL;
  uint64_t size = 0;
  EXPECT_EQUAL(mp_memory_grow(memory, MEGABYTE), 0);
  EXPECT_EQUAL(mp_memory_map(memory, 0, MEGABYTE, &address), 0);
  memset(address, 7, MEGABYTE);
  EXPECT_EQUAL(allocated(memory), MEGABYTE);
  EXPECT_EQUAL(mp_memory_punch(memory, 0, MEGABYTE / 2), 0);
  EXPECT_EQUAL(allocated(memory), MEGABYTE / 2);
  EXPECT_EQUAL(((char *)address)[4096], 0);
  EXPECT_EQUAL(((char *)address)[MEGABYTE - 1], 7);
  EXPECT_EQUAL(mp_memory_size(memory, &size), 0);
  EXPECT_EQUAL(size, MEGABYTE);
  EXPECT_EQUAL(mp_memory_unmap(address, MEGABYTE), 0);
  EXPECT_EQUAL(mp_descriptor_close(memory), 0);
}

static void writing_is_seen_in_mappings(void) {
  int memory = new_memory();
  void *address = NULL;
  char bytes[10000];
  memset(bytes, 'x', sizeof bytes);
  EXPECT_EQUAL(mp_memory_grow(memory, 16384), 0);
  EXPECT_EQUAL(mp_memory_map(memory, 0, 16384, &address), 0);
  EXPECT_EQUAL(mp_memory_write(memory, 4100, bytes, sizeof bytes), 0);
  const char *mapped = address;
  EXPECT_EQUAL(mapped[4099], 0);
  EXPECT(memcmp(mapped + 4100, bytes, sizeof bytes) == 0);
  EXPECT_EQUAL(mapped[4100 + sizeof bytes], 0);
  EXPECT_EQUAL(mp_memory_write(memory, 0, mapped + 8192, 4096), 0);
  EXPECT(memcmp(mapped, bytes, 4096) == 0);
  EXPECT_EQUAL(mp_memory_write(memory, 0, bytes, 0), 0);
  EXPECT_EQUAL(mp_memory_write(memory, INT64_MAX, bytes, 1), -EFBIG);
  EXPECT_EQUAL(mp_memory_write(-1, 0, bytes, 1), -EBADF);
  EXPECT_EQUAL(mp_memory_unmap(address, 16384), 0);
  EXPECT_EQUAL(mp_descriptor_close(memory), 0);
}

static void enlarging_pages_changes_no_bytes(void) {
  size_t length = 5 * MEGABYTE;
  char *bytes = calloc(1, length);
  EXPECT(bytes != NULL);
  if (bytes == NULL) return;
  bytes[0] = 1;
  bytes[length - 1] = 2;
  mp_memory_enlarge_pages(bytes, length);
  mp_memory_enlarge_pages(bytes + 1, 4096);
  mp_memory_enlarge_pages(bytes, 0);
  memset(bytes + 1, 3, length - 2);
  EXPECT_EQUAL(bytes[0], 1);
  EXPECT_EQUAL(bytes[length / 2], 3);
  EXPECT_EQUAL(bytes[length - 1], 2);
  free(bytes);
}

static void refuses_bad_ranges(void) {
  int memory = new_memory();
  void *address = NULL;
  EXPECT_EQUAL(mp_memory_map(memory, 1, 4096, &address), -EINVAL);
  EXPECT_EQUAL(mp_memory_map(memory, 0, 0, &address), -EINVAL);
  EXPECT_EQUAL(mp_memory_map(memory, UINT64_MAX, 4096, &address), -EOVERFLOW);
  EXPECT_EQUAL(mp_memory_punch(memory, UINT64_MAX, 1), -EFBIG);
  EXPECT_EQUAL(mp_memory_map(-1, 0, 4096, &address), -EBADF);
  EXPECT_EQUAL(mp_descriptor_close(memory), 0);
}

static void named_memory_is_found_by_name(void) {
  char name[64];
  char path[80];
  struct stat status;
  int first = -1;
  int second = -1;
  char text[4] = "";
  (void)snprintf(name, sizeof name, "/psm_polyprocess_%d", (int)getpid());
  (void)snprintf(path, sizeof path, "/dev/shm%s", name);
  EXPECT_EQUAL(mp_memory_open_named(name, false, &first), -ENOENT);
  EXPECT_EQUAL(mp_memory_open_named(name, true, &first), 0);
  EXPECT_EQUAL(mp_memory_open_named(name + 1, true, &second), -EEXIST);
  EXPECT_EQUAL(mp_memory_open_named(name + 1, false, &second), 0);
  EXPECT(is_close_on_exec(first) && is_close_on_exec(second));
  EXPECT_EQUAL(stat(path, &status), 0);
  EXPECT_EQUAL(status.st_mode & 0777, 0600);
  EXPECT_EQUAL(mp_memory_truncate(first, 100), 0);
  EXPECT_EQUAL(pwrite(first, "abc", 4, 0), 4);
  EXPECT_EQUAL(pread(second, text, sizeof text, 0), 4);
  EXPECT(strcmp(text, "abc") == 0);
  EXPECT_EQUAL(mp_memory_truncate(second, 0), 0);
  EXPECT_EQUAL(mp_memory_unlink_named(name), 0);
  EXPECT_EQUAL(mp_memory_unlink_named(name), -ENOENT);
  EXPECT_EQUAL(mp_descriptor_close(first), 0);
  EXPECT_EQUAL(mp_descriptor_close(second), 0);
}

static void names_cannot_leave_their_folder(void) {
  static const char *const bad[] = {"", "/", ".", "/..", "a/b", "//a", "../a"};
  int memory = -1;
  char longest[300];
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    EXPECT_EQUAL(mp_memory_open_named(bad[i], true, &memory), -EINVAL);
    EXPECT_EQUAL(mp_memory_unlink_named(bad[i]), -EINVAL);
  }
  memset(longest, 'x', sizeof longest);
  longest[sizeof longest - 1] = '\0';
  EXPECT_EQUAL(mp_memory_open_named(longest, true, &memory), -ENAMETOOLONG);
}

static void unnamed_memory_gets_its_name_when_it_is_ready(void) {
  char name[64];
  char first_identity[MP_IDENTITY];
  char second_identity[MP_IDENTITY];
  int first = -1;
  int second = -1;
  int opened = -1;
  uint64_t size = 0;
  (void)snprintf(name, sizeof name, "psm_polyprocess_%d", (int)getpid());
  EXPECT_EQUAL(mp_memory_open_unnamed(&first), 0);
  EXPECT(is_close_on_exec(first));
  EXPECT_EQUAL(mp_memory_truncate(first, 100), 0);
  EXPECT_EQUAL(mp_memory_link_named(first, name), 0);
  EXPECT_EQUAL(mp_memory_open_unnamed(&second), 0);
  EXPECT_EQUAL(mp_memory_link_named(second, name), -EEXIST);
  EXPECT_EQUAL(mp_memory_link_named(second, "../a"), -EINVAL);
  EXPECT_EQUAL(mp_memory_open_named(name, false, &opened), 0);
  EXPECT_EQUAL(mp_memory_size(opened, &size), 0);
  EXPECT_EQUAL(size, 100);
  EXPECT_EQUAL(mp_memory_identity(first, first_identity), 0);
  EXPECT_EQUAL(mp_memory_identity(opened, second_identity), 0);
  EXPECT(strcmp(first_identity, second_identity) == 0);
  EXPECT_EQUAL(mp_memory_identity(second, second_identity), 0);
  EXPECT(strcmp(first_identity, second_identity) != 0);
  EXPECT_EQUAL(mp_memory_unlink_same(name, second_identity), -ENOENT);
  EXPECT_EQUAL(mp_memory_unlink_same(name, first_identity), 0);
  EXPECT_EQUAL(mp_memory_unlink_same(name, first_identity), -ENOENT);
  EXPECT_EQUAL(mp_memory_unlink_same("a/b", first_identity), -EINVAL);
  EXPECT_EQUAL(mp_memory_identity(-1, first_identity), -EBADF);
  EXPECT_EQUAL(mp_descriptor_close(first), 0);
  EXPECT_EQUAL(mp_descriptor_close(second), 0);
  EXPECT_EQUAL(mp_descriptor_close(opened), 0);
}

TEST_FILE(memory_tests, "memory", {"a new file is empty and private", is_private_and_empty},
          {"what a child writes is seen here", is_shared_with_children},
          {"a file grows and never shrinks", never_shrinks},
          {"many processes grow one file at a time", grows_from_many_processes},
          {"punching gives memory back to the system", punching_gives_memory_back},
          {"what is written is seen in mappings", writing_is_seen_in_mappings},
          {"enlarging pages changes no bytes", enlarging_pages_changes_no_bytes},
          {"impossible ranges are refused", refuses_bad_ranges},
          {"named memory is found by its name", named_memory_is_found_by_name},
          {"unnamed memory gets its name when it is ready",
           unnamed_memory_gets_its_name_when_it_is_ready},
          {"names cannot leave their folder", names_cannot_leave_their_folder});

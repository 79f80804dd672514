/*
 * POSIX shared memory is nothing but files in /dev/shm. Opening them ourselves instead of through
 * shm_open keeps librt (before glibc 2.34) and its symbol versions out, and gives the same names.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "mp_memory.h"
#include "system_calls.h"

enum { LONGEST_NAME = 255 };

static const char directory[] = "/dev/shm/";

struct path {
  char text[sizeof directory + LONGEST_NAME];
};

static int path_of(const char *name, struct path *path) {
  if (name[0] == '/') name++;
  if (name[0] == '\0' || strchr(name, '/') != NULL) return -EINVAL;
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return -EINVAL;
  if (strlen(name) > LONGEST_NAME) return -ENAMETOOLONG;
  int length = snprintf(path->text, sizeof path->text, "%s%s", directory, name);
  return length > 0 && (size_t)length < sizeof path->text ? 0 : -ENAMETOOLONG;
}

int mp_memory_open_named(const char *name, bool create, int *descriptor) {
  struct path path;
  int error = path_of(name, &path);
  if (error < 0) return error;
  int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT | O_EXCL : 0);
  int opened;
  do {
    opened = open(path.text, flags, 0600);
  } while (opened < 0 && errno == EINTR);
  if (opened < 0) return -errno;
  *descriptor = opened;
  return 0;
}

int mp_memory_unlink_named(const char *name) {
  struct path path;
  int error = path_of(name, &path);
  return error < 0 ? error : mp_result(unlink(path.text));
}

int mp_memory_open_unnamed(int *descriptor) {
  int opened;
  do {
    opened = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  } while (opened < 0 && errno == EINTR);
  if (opened < 0) return -errno;
  *descriptor = opened;
  return 0;
}

/* By way of /proc, because linking a descriptor itself needs a capability. */
int mp_memory_link_named(int descriptor, const char *name) {
  struct path path;
  int error = path_of(name, &path);
  if (error < 0) return error;
  char source[sizeof "/proc/self/fd/-2147483648"];
  (void)snprintf(source, sizeof source, "/proc/self/fd/%d", descriptor); /* always fits */
  return mp_result(linkat(AT_FDCWD, source, AT_FDCWD, path.text, AT_SYMLINK_FOLLOW));
}

static int identify(int descriptor, const char *path, int flags, char identity[MP_IDENTITY]) {
  struct statx status;
  if (statx(descriptor, path, flags, STATX_INO, &status) < 0) return -errno;
  (void)snprintf(identity, MP_IDENTITY, "%x:%x:%" PRIx64, status.stx_dev_major,
                 status.stx_dev_minor, (uint64_t)status.stx_ino); /* at most 8+1+8+1+16 */
  return 0;
}

int mp_memory_identity(int descriptor, char identity[MP_IDENTITY]) {
  return identify(descriptor, "", AT_EMPTY_PATH, identity);
}

int mp_memory_unlink_same(const char *name, const char *identity) {
  struct path path;
  char present[MP_IDENTITY];
  int error = path_of(name, &path);
  if (error == 0) error = identify(AT_FDCWD, path.text, AT_SYMLINK_NOFOLLOW, present);
  if (error < 0) return error;
  if (strcmp(present, identity) != 0) return -ENOENT;
  return mp_result(unlink(path.text));
}

/*
 * POSIX shared memory is nothing but files in /dev/shm. Opening them ourselves instead of through
 * shm_open keeps librt (before glibc 2.34) and its symbol versions out, and gives the same names.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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

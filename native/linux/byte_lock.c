/*
 * POSIX record locks: the one kind of lock that a process loses at once and always when it dies,
 * and of which the kernel tells the owner.
 */
#include <fcntl.h>

#include "mp_memory.h"
#include "system_calls.h"

static int apply(int descriptor, int command, short type, uint64_t offset, struct flock *lock) {
  if (offset > INT64_MAX) return -EOVERFLOW;
  *lock =
      (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)offset, .l_len = 1};
  return mp_result(fcntl(descriptor, command, lock));
}

int mp_byte_lock(int descriptor, uint64_t offset) {
  struct flock lock;
  int error = apply(descriptor, F_SETLK, F_WRLCK, offset, &lock);
  return error == -EACCES ? -EAGAIN : error; /* POSIX allows either */
}

int mp_byte_unlock(int descriptor, uint64_t offset) {
  struct flock lock;
  return apply(descriptor, F_SETLK, F_UNLCK, offset, &lock);
}

int mp_byte_lock_owner(int descriptor, uint64_t offset, pid_t *owner) {
  struct flock lock;
  int error = apply(descriptor, F_GETLK, F_WRLCK, offset, &lock);
  if (error < 0) return error;
  if (lock.l_type == F_UNLCK) *owner = 0;
  else *owner = lock.l_pid > 0 ? lock.l_pid : -1;
  return 0;
}

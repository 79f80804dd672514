/*
 * A new program in a new process: vfork and execve. The child gets exactly the descriptors of
 * the plan, default signal dispositions and an empty signal mask.
 */
#ifndef MP_SPAWN_H
#define MP_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct mp_spawn_plan {
  const char *file;         /* an absolute path, the caller has searched PATH */
  char *const *arguments;   /* with argv[0], ends with NULL */
  char *const *environment; /* "KEY=value", ends with NULL */
  const char *directory;    /* NULL: this process's */
  const int *descriptors;   /* position: descriptor in the child; value: ours, -1: /dev/null */
  size_t descriptor_count;
  bool process_group; /* the child leads a group of its own */
};

struct mp_spawned {
  pid_t pid;
  int pidfd;
  const char *failed; /* after an error: the system call that failed, a constant string */
};

/* Holds up the calling thread until the child has executed the program, about a millisecond; any
 * thread may call it. All signals are blocked meanwhile, so there is no EINTR. A failure in the
 * child is this call's error and leaves no zombie. On success the caller owns the pidfd and must
 * reap the child. */
int mp_spawn(const struct mp_spawn_plan *plan, struct mp_spawned *spawned);

#endif

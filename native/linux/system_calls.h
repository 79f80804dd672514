/*
 * System calls that glibc 2.28, the oldest we support, has no function for. The numbers are those
 * of the asm-generic table, the same on x86-64 and AArch64.
 */
#ifndef MP_SYSTEM_CALLS_H
#define MP_SYSTEM_CALLS_H

#include <errno.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MP_SYS_PIDFD_SEND_SIGNAL = 424, MP_SYS_PIDFD_OPEN = 434, MP_SYS_CLOSE_RANGE = 436 };

/* waitid's P_PIDFD, an enum constant that headers before glibc 2.36 lack. */
#define MP_P_PIDFD ((idtype_t)3)

/* close_range's flag that marks close-on-exec instead of closing (Linux 5.11). */
#define MP_CLOSE_RANGE_CLOEXEC 4U

/* -1 and errno becomes -errno, anything else is success. */
static inline int mp_result(long result) {
  return result < 0 ? -errno : 0;
}

static inline int mp_sys_pidfd_open(pid_t pid) {
  return (int)syscall(MP_SYS_PIDFD_OPEN, pid, 0U);
}

static inline int mp_sys_pidfd_send_signal(int pidfd, int signal) {
  return (int)syscall(MP_SYS_PIDFD_SEND_SIGNAL, pidfd, signal, NULL, 0U);
}

static inline int mp_sys_close_range(unsigned first, unsigned last, unsigned flags) {
  return (int)syscall(MP_SYS_CLOSE_RANGE, first, last, flags);
}

#endif

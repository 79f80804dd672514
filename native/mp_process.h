/*
 * Processes by pidfd, which unlike a pid cannot come to mean another process.
 *
 * None of these calls waits. Any thread may call any of them. A pidfd that is handed out is
 * close-on-exec and belongs to the caller.
 */
#ifndef MP_PROCESS_H
#define MP_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mp_exit {
  bool ended;
  int32_t exit_code; /* -1: it was ended by a signal */
  int32_t signal;    /* 0: it left by itself */
};

/* -ESRCH when there is no such process. */
int mp_pidfd_open(pid_t pid, int *pidfd);

/* -ESRCH when it has been reaped; signal 0 only asks. */
int mp_pidfd_signal(int pidfd, int signal);

/* Reaps a child that has ended. -ECHILD when it is not ours or was reaped by somebody else. */
int mp_pidfd_wait(int pidfd, struct mp_exit *result);

/* Whether the process has ended, reaped or not; works for processes that are not ours. */
int mp_pidfd_is_ended(int pidfd, bool *ended);

/* Ignores a signal, or gives it its default meaning: for processes in which no JavaScript can
 * listen. A child forked by this thread while it ignores a signal keeps those that come to it until
 * it gives the signal its meaning again. */
int mp_signal_ignore(int signal, bool ignored);

/* Whether the kernel kills this process as soon as the thread that forked it has ended. */
int mp_die_with_forker(bool dies);

/* What this thread is called, in /proc and by ps; what it was called before. Longer names are cut.
 */
enum { MP_THREAD_NAME = 16 };
int mp_thread_rename(const char *name, char before[MP_THREAD_NAME]);

pid_t mp_thread_id(void);

/* Has this process wait when it leaves by exit(), after all that its program has to say, until the
 * processes behind these pidfds have ended; EINTR does not end that. To be called once; copies the
 * array. -ENOMEM. */
int mp_exit_after(const int32_t *pidfds, size_t count);

/* Ends the process here and now: no exit handler runs, no buffer is flushed. */
_Noreturn void mp_exit_now(int code);

#endif

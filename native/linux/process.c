#include "mp_process.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "system_calls.h"

int mp_pidfd_open(pid_t pid, int *pidfd) {
  int opened = mp_sys_pidfd_open(pid);
  if (opened < 0) return -errno;
  *pidfd = opened; /* the kernel makes every pidfd close-on-exec */
  return 0;
}

int mp_pidfd_signal(int pidfd, int signal) {
  return mp_result(mp_sys_pidfd_send_signal(pidfd, signal));
}

int mp_pidfd_wait(int pidfd, struct mp_exit *result) {
  siginfo_t information;
  memset(&information, 0, sizeof information);
  int returned;
  do {
    returned = waitid(MP_P_PIDFD, (id_t)pidfd, &information, WEXITED | WNOHANG);
  } while (returned < 0 && errno == EINTR);
  if (returned < 0) return -errno;
  result->ended = information.si_pid != 0; /* with WNOHANG, 0 means: not yet */
  bool left = information.si_code == CLD_EXITED;
  result->exit_code = result->ended && left ? information.si_status : -1;
  result->signal = result->ended && !left ? information.si_status : 0;
  return 0;
}

int mp_pidfd_is_ended(int pidfd, bool *ended) {
  if (pidfd < 0) return -EBADF; /* poll would ignore it */
  struct pollfd entry = {.fd = pidfd, .events = POLLIN};
  int ready;
  do {
    ready = poll(&entry, 1, 0);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) return -errno;
  if (entry.revents & POLLNVAL) return -EBADF;
  *ended = ready > 0;
  return 0;
}

int mp_signal_ignore(int signal, bool ignored) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = ignored ? SIG_IGN : SIG_DFL;
  sigset_t set;
  (void)sigemptyset(&set); /* cannot fail */
  if (sigaddset(&set, signal) < 0 || sigaction(signal, &action, NULL) < 0) return -errno;
  /* Blocked as well: what comes to a forked child before it unblocks the signal waits for that. */
  return -pthread_sigmask(ignored ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

int mp_die_with_forker(bool dies) {
  return mp_result(prctl(PR_SET_PDEATHSIG, dies ? SIGKILL : 0));
}

int mp_thread_rename(const char *name, char before[MP_THREAD_NAME]) {
  if (prctl(PR_GET_NAME, before) < 0) return -errno;
  return mp_result(prctl(PR_SET_NAME, name));
}

pid_t mp_thread_id(void) {
  return (pid_t)syscall(SYS_gettid);
}

struct awaited {
  size_t count;
  struct pollfd entries[];
};

static void await_all(int code, void *data) {
  (void)code;
  struct awaited *awaited = data;
  size_t left = awaited->count;
  while (left > 0) {
    int ready = poll(awaited->entries, (nfds_t)awaited->count, -1);
    if (ready < 0 && errno != EINTR) break;
    for (size_t i = 0; ready > 0 && i < awaited->count; i++) {
      if (awaited->entries[i].fd < 0 || awaited->entries[i].revents == 0) continue;
      awaited->entries[i].fd = -1; /* poll passes it over from now on */
      left--;
    }
  }
  free(awaited);
}

int mp_exit_after(const int32_t *pidfds, size_t count) {
  struct awaited *awaited = malloc(sizeof *awaited + count * sizeof awaited->entries[0]);
  if (awaited == NULL) return -ENOMEM;
  awaited->count = count;
  for (size_t i = 0; i < count; i++) {
    awaited->entries[i] = (struct pollfd){.fd = pidfds[i], .events = POLLIN};
  }
  /* Unlike atexit it takes an argument, and no variable of the process has to hold it. */
  if (on_exit(await_all, awaited) == 0) return 0;
  free(awaited);
  return -ENOMEM;
}

void mp_exit_now(int code) {
  _exit(code);
}

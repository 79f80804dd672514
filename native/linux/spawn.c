/*
 * vfork instead of fork: the child borrows this process's memory until it executes, so the cost
 * does not grow with the heap and V8's MADV_DONTFORK pages do no harm. The price is that the
 * child may only touch what was prepared for it and call what is safe after vfork.
 *
 * Errors come back through a close-on-exec pipe: bytes in it mean failure, end of file means that
 * the program runs. (The shared memory would do as well, but not under a thread sanitizer, which
 * turns vfork into fork.)
 */
#include "mp_spawn.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "mp_process.h"
#include "system_calls.h"

enum step { STEP_PIPE, STEP_DESCRIPTORS, STEP_SETPGID, STEP_CHDIR, STEP_EXECVE };

static const char *const step_names[] = {
    [STEP_PIPE] = "pipe2",  [STEP_DESCRIPTORS] = "dup2", [STEP_SETPGID] = "setpgid",
    [STEP_CHDIR] = "chdir", [STEP_EXECVE] = "execve",
};

struct report {
  int error;
  enum step step;
};

/* All that the child touches. */
struct launch {
  const struct mp_spawn_plan *plan;
  int *moved; /* where the child keeps its descriptors while it shuffles them */
  int report;
};

static _Noreturn void fail_in_child(const struct launch *launch, enum step step) {
  struct report report = {.error = errno, .step = step};
  ssize_t written;
  do {
    written = write(launch->report, &report, sizeof report);
  } while (written < 0 && errno == EINTR);
  _exit(127);
}

/* What is ignored stays ignored across execve (Node ignores SIGPIPE), hence all back to default
 * while every signal is still blocked. Two signals belong to glibc, which refuses them. */
static void reset_signals(void) {
  struct sigaction standard;
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; number++) {
    if (number == SIGKILL || number == SIGSTOP) continue;
    (void)sigaction(number, &standard, NULL); /* refused only for those two */
  }
}

static int open_source(int descriptor, int lowest) {
  if (descriptor >= 0) return fcntl(descriptor, F_DUPFD_CLOEXEC, lowest);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return -1;
  int moved = fcntl(null, F_DUPFD_CLOEXEC, lowest);
  int error = errno;
  (void)close(null); /* its duplicate is what counts */
  errno = error;
  return moved;
}

/* First everything moves above the range of targets, then down to its place: whatever the
 * numbers are, no source is overwritten before it is used. */
static bool place_descriptors(struct launch *launch) {
  const struct mp_spawn_plan *plan = launch->plan;
  int count = (int)plan->descriptor_count;
  launch->report = fcntl(launch->report, F_DUPFD_CLOEXEC, count);
  if (launch->report < 0) return false;
  for (int i = 0; i < count; i++) {
    launch->moved[i] = open_source(plan->descriptors[i], count);
    if (launch->moved[i] < 0) return false;
  }
  for (int i = 0; i < count; i++) {
    if (dup2(launch->moved[i], i) < 0) return false;
  }
  /* Ours are close-on-exec already; this catches other libraries'. Kernels before 5.11 cannot
   * do it, and then those stay open as they do in any other program. */
  (void)mp_sys_close_range((unsigned)count, UINT_MAX, MP_CLOSE_RANGE_CLOEXEC);
  return true;
}

static _Noreturn void run_child(struct launch *launch) {
  const struct mp_spawn_plan *plan = launch->plan;
  reset_signals();
  int report = launch->report;
  if (!place_descriptors(launch)) {
    if (launch->report < 0) launch->report = report;
    fail_in_child(launch, STEP_DESCRIPTORS);
  }
  if (plan->process_group && setpgid(0, 0) < 0) fail_in_child(launch, STEP_SETPGID);
  if (plan->directory != NULL && chdir(plan->directory) < 0) fail_in_child(launch, STEP_CHDIR);
  sigset_t none;
  (void)sigemptyset(&none);                    /* cannot fail */
  (void)sigprocmask(SIG_SETMASK, &none, NULL); /* fails only for a wrong first argument */
  (void)execve(plan->file, plan->arguments, plan->environment); /* returns only on failure */
  fail_in_child(launch, STEP_EXECVE);
}

/* Alone in a function, so that nothing after the return reuses a stack slot that the child, which
 * runs on this very stack, has written. */
static __attribute__((noinline)) pid_t start_child(struct launch *launch) {
  pid_t pid = vfork();
  if (pid == 0) run_child(launch);
  return pid;
}

/* Signals stay blocked until the child has executed: a handler that ran in the child would run in
 * our memory. */
static int start_blocked(struct launch *launch, pid_t *pid) {
  sigset_t all;
  sigset_t before;
  (void)sigfillset(&all); /* cannot fail */
  int error = pthread_sigmask(SIG_SETMASK, &all, &before);
  if (error != 0) return -error;
  *pid = start_child(launch);
  int failed = *pid < 0 ? -errno : 0;
  error = pthread_sigmask(SIG_SETMASK, &before, NULL);
  return failed < 0 ? failed : -error;
}

static void reap(pid_t pid) {
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
}

static int read_report(int descriptor, struct report *report) {
  ssize_t taken;
  do {
    taken = read(descriptor, report, sizeof *report);
  } while (taken < 0 && errno == EINTR);
  if (taken < 0) return -errno;
  return taken == sizeof *report ? 1 : 0;
}

static int confirm(pid_t pid, int report_reader, struct mp_spawned *spawned) {
  struct report report = {0};
  int reported = read_report(report_reader, &report);
  if (reported > 0) {
    reap(pid);
    spawned->failed = step_names[report.step];
    return -report.error;
  }
  int error = reported < 0 ? reported : mp_pidfd_open(pid, &spawned->pidfd);
  if (error < 0) {
    spawned->failed = reported < 0 ? "read" : "pidfd_open";
    (void)kill(pid, SIGKILL); /* unreaped, so the pid is still this child's */
    reap(pid);
    return error;
  }
  spawned->pid = pid;
  return 0;
}

int mp_spawn(const struct mp_spawn_plan *plan, struct mp_spawned *spawned) {
  *spawned = (struct mp_spawned){.pid = -1, .pidfd = -1, .failed = step_names[STEP_PIPE]};
  if (plan->descriptor_count > INT_MAX / sizeof(int)) return -EMFILE;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
  struct launch launch = {
      .plan = plan, .moved = calloc(plan->descriptor_count + 1, sizeof(int)), .report = ends[1]};
  pid_t pid = -1;
  spawned->failed = "vfork";
  int error = launch.moved == NULL ? -ENOMEM : start_blocked(&launch, &pid);
  (void)close(ends[1]); /* the child's copy alone decides from here */
  if (error == 0) error = confirm(pid, ends[0], spawned);
  (void)close(ends[0]); /* read to its end */
  free(launch.moved);
  return error;
}

/*
 * polyprocess-names <arena's id> <pid of the tree's main process, 0: it has ended>
 *
 * Descriptor 2 is standard error of whoever starts it, 3 the arena's file. The process that was
 * started ends as soon as the tracker listens, with 0 (also if another one does) or an errno; the
 * tracker itself is nobody's child, so nobody has to reap it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mp_names.h"
#include "mp_process.h"
#include "tracker.h"

enum { ARENA = 3, PATIENCE_SECONDS = 5 };

#ifdef __x86_64__
/*
 * The C library's own start file binds __libc_start_main of the glibc that it belongs to, 2.34 or
 * later, which an older one does not have; so this file has a start of its own. With the old
 * version of the symbol both call no initializers but the program's, of which there are none.
 */
__asm__(".symver __libc_start_main, __libc_start_main@GLIBC_2.2.5\n"
        ".globl _start\n"
        ".type _start, @function\n"
        "_start:\n"
        "  xor %ebp, %ebp\n"
        "  mov %rdx, %r9\n" /* what the dynamic linker wants called at exit */
        "  pop %rsi\n"      /* argc */
        "  mov %rsp, %rdx\n"
        "  and $-16, %rsp\n"
        "  push %rax\n"
        "  push %rsp\n" /* the end of the stack */
        "  xor %r8d, %r8d\n"
        "  xor %ecx, %ecx\n"
        "  lea main(%rip), %rdi\n"
        "  call *__libc_start_main@GOTPCREL(%rip)\n"
        "  hlt\n");
#endif

static bool is_same_file(const char *path, int descriptor) {
  char theirs[MP_IDENTITY];
  char ours[MP_IDENTITY];
  int other = open(path, O_PATH | O_CLOEXEC);
  if (other < 0) return false;
  bool same = mp_memory_identity(other, theirs) == 0 && mp_memory_identity(descriptor, ours) == 0 &&
              strcmp(theirs, ours) == 0;
  (void)close(other); /* only looked at */
  return same;
}

/*
 * The warning belongs on the standard error of the main process. A child that was given a pipe of
 * its own must not be kept from ending it, so that is never held: its reader waits for the end.
 * What cannot be opened anew, a socket that the child does not have, gets no warning.
 */
static void choose_standard_error(pid_t main) {
  if (getppid() == main) return;
  char path[64];
  (void)snprintf(path, sizeof path, "/proc/%d/fd/2", (int)main); /* always fits */
  if (is_same_file(path, STDERR_FILENO)) return;
  int opened = open(path, O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (opened < 0) opened = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (opened < 0 || dup2(opened, STDERR_FILENO) < 0) (void)close(STDERR_FILENO);
  if (opened >= 0) (void)close(opened); /* its duplicate is what counts */
}

/* Ctrl-C, a closed terminal and a polite request end the tree; this one ends after it. */
static void ignore_signals(void) {
  const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2, SIGTSTP};
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
    (void)signal(signals[i], SIG_IGN); /* fails only for what is no signal */
  }
}

/* A reader that does not read must not keep this process. */
static void warn(const char *text) {
  (void)alarm(PATIENCE_SECONDS);
  size_t length = strlen(text);
  while (length > 0) {
    ssize_t written = write(STDERR_FILENO, text, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return; /* nobody is there to be told */
    text += written;
    length -= (size_t)written;
  }
}

static void track(struct tree *tree) {
  struct table table = {0};
  serve(tree, &table);
  char *warning = table_unlink(&table);
  if (warning != NULL) warn(warning);
  free(warning);
  table_free(&table);
}

int main(int count, char **arguments) {
  if (count != 3) return EINVAL;
  pid_t main_process = (pid_t)strtol(arguments[2], NULL, 10);
  struct tree tree = {.arena = ARENA, .main = -1};
  /* Before anybody can rely on it: what is sent to a group must not end its tracker. */
  ignore_signals();
  (void)setsid(); /* cannot fail: this process was started as a member of its parent's group */
  int error = mp_names_listen(arguments[1], &tree.socket);
  if (error == -EADDRINUSE) return 0;
  if (error < 0) return -error;
  choose_standard_error(main_process);
  /* Not to be had: it has ended. */
  if (main_process > 0) (void)mp_pidfd_open(main_process, &tree.main);
  pid_t tracker = fork();
  if (tracker < 0) return errno;
  if (tracker == 0) track(&tree);
  return 0;
}

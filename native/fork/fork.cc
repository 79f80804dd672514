/* The fork itself: everything at rest, the memory shared, signals held back. */
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "fork.h"

namespace polyprocess {
namespace {

constexpr int kPatience = 50; /* milliseconds for one try to stop V8's profilers */

/* Called by Node when it has run what is to run at exit: profiles and coverage are written. Node's
 * own handler joins threads that a forked process does not have. */
void Leave(node::Environment *, int code) {
  _exit(code);
}

/* A child whose event loop cannot be made is of no use to anybody, and cannot tell. */
[[noreturn]] void GiveUp(int error) {
  fprintf(stderr, "polyprocess: a forked process cannot go on: %s\n", uv_strerror(error));
  _exit(70);
}

void BecomeChild(const Platform &platform) {
  UnparkInChild(platform);
  int error = ReviveLoop(node::GetCurrentEventLoop(platform.isolate));
  if (error < 0) GiveUp(error);
  v8::HandleScope scope(platform.isolate);
  node::Environment *environment =
      node::GetCurrentEnvironment(platform.isolate->GetCurrentContext());
  node::SetProcessExitHandler(environment, Leave);
}

/* 0 in the child, the child's pid in the parent, or -errno. */
int ForkAtRest() {
  int result = ShareMappings();
  if (result < 0) return result;
  result = fork();
  return result < 0 ? -errno : result;
}

} // namespace

int Fork(const Platform &platform, int tries) {
  if (!Park(platform, tries)) return -EBUSY;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* SIGPROF too: it would be a sample of nothing */
  int result = -EBUSY;
  /* Last: they may need what the other threads held, and from here on this one takes no lock of V8's. */
  if (ParkSamplers(kPatience * tries)) {
    result = ForkAtRest();
    ReleaseSamplers();
  }
  if (result == 0) BecomeChild(platform);
  else UnparkInParent();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return result;
}

} // namespace polyprocess

/*
 * Rest for the threads of V8's CPU profilers (--cpu-prof, the inspector). Such a thread takes a
 * sample, works it into the profile, and waits for the time of the next one. It takes no tasks, and
 * holds V8's locks at any instant but one: in its timed wait for a condition it has let go of its
 * mutex and holds nothing. So it gets a signal, whose handler looks at what was interrupted:
 *
 *   in a timed wait   it stays in the handler until the fork is over, and then goes on waiting
 *   anywhere else     it goes on, and is asked again a little later
 *
 * A child does not have the thread, and finds all of V8's locks free.
 *
 * With all of them at rest no more samples are taken. The last ones may still be in the making, in the
 * handler of SIGPROF on the threads of Workers: they are waited for. The forking thread holds it back.
 *
 * The question travels with a number, so that a thread that comes late answers nobody. One thread is
 * asked after the other; those that rest hold nothing that the others might wait for.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "fork.h"

namespace polyprocess {
namespace {

constexpr char kName[] = "Name:\tv8:ProfEvntProc\n"; /* as the kernel tells it */
constexpr long kPause = 50000;                /* nanoseconds before a thread is looked at again */

/* What has become of a question, in the lowest bits; the question's number is above. */
constexpr uint32_t kAsked = 0;
constexpr uint32_t kRests = 1;
constexpr uint32_t kWorks = 2;
constexpr uint32_t kWithdrawn = 3;
constexpr uint32_t kStep = 4;

std::atomic<uint32_t> question;
std::atomic<uint32_t> rest; /* threads rest until it is another number */
int signal_number;          /* 0: none has been taken yet */

uint32_t *WordOf(std::atomic<uint32_t> *word) {
  static_assert(sizeof *word == sizeof(uint32_t));
  return reinterpret_cast<uint32_t *>(word);
}

/* Returns early for many reasons: whoever waits looks again. */
void WaitWhile(std::atomic<uint32_t> *word, uint32_t value, const struct timespec *longest) {
  (void)syscall(SYS_futex, WordOf(word), FUTEX_WAIT_PRIVATE, value, longest);
}

void Wake(std::atomic<uint32_t> *word) {
  (void)syscall(SYS_futex, WordOf(word), FUTEX_WAKE_PRIVATE, INT_MAX); /* cannot fail */
}

struct SystemCall {
  bool has_failed; /* with EINTR or ETIMEDOUT */
  uint32_t operation;
  uint64_t timeout;
  uint32_t bits;
};

bool IsEndOfWait(int64_t result) {
  return result == -EINTR || result == -ETIMEDOUT;
}

/* The system call that the thread was in. When a signal interrupts one, the kernel has its result
 * written before the handler runs, and all other registers are as they were. A call that is to be
 * made once more after the handler, as waits for a mutex are, has no result. */
#if defined(__x86_64__)
SystemCall Interrupted(const ucontext_t *context) {
  const greg_t *registers = context->uc_mcontext.gregs;
  SystemCall call = {IsEndOfWait(registers[REG_RAX]), static_cast<uint32_t>(registers[REG_RSI]),
                     static_cast<uint64_t>(registers[REG_R10]),
                     static_cast<uint32_t>(registers[REG_R9])};
  if (!call.has_failed) return call;
  constexpr unsigned char kInstruction[] = {0x0f, 0x05}; /* syscall */
  const char *next = reinterpret_cast<const char *>(registers[REG_RIP]);
  call.has_failed = memcmp(next - sizeof kInstruction, kInstruction, sizeof kInstruction) == 0;
  return call;
}
#elif defined(__aarch64__)
/* Has never run. */
SystemCall Interrupted(const ucontext_t *context) {
  const mcontext_t &machine = context->uc_mcontext;
  bool has_failed = IsEndOfWait(static_cast<int64_t>(machine.regs[0]));
  SystemCall call = {has_failed && machine.regs[8] == SYS_futex,
                     static_cast<uint32_t>(machine.regs[1]), machine.regs[3],
                     static_cast<uint32_t>(machine.regs[5])};
  if (!call.has_failed) return call;
  constexpr uint32_t kInstruction = 0xd4000001; /* svc #0 */
  const char *next = reinterpret_cast<const char *>(machine.pc);
  call.has_failed = memcmp(next - sizeof kInstruction, &kInstruction, sizeof kInstruction) == 0;
  return call;
}
#else
SystemCall Interrupted(const ucontext_t *) {
  return {};
}
#endif

/* Mutexes are waited for without a time. A condition's wait of glibc, which V8 uses up to Node 22,
 * has an absolute time; Abseil's, from Node 24, has one or the other. */
bool IsTimedWait(const SystemCall &call) {
  if (!call.has_failed || call.timeout == 0) return false;
  if (call.operation == FUTEX_WAIT_PRIVATE) return true;
  bool has_end = (call.operation & ~FUTEX_CLOCK_REALTIME) == FUTEX_WAIT_BITSET_PRIVATE;
  return has_end && call.bits == static_cast<uint32_t>(FUTEX_BITSET_MATCH_ANY);
}

/* False: whoever asked does not wait for the answer any more. */
bool Answer(uint32_t asked, uint32_t answer) {
  if (!question.compare_exchange_strong(asked, asked + answer)) return false;
  Wake(&question);
  return true;
}

void HandleSignal(int, siginfo_t *info, void *context) {
  if (info->si_code != SI_QUEUE || info->si_pid != getpid()) return;
  int error = errno; /* of the code that is interrupted */
  auto asked = static_cast<uint32_t>(info->si_value.sival_int);
  uint32_t now = rest;
  if (!IsTimedWait(Interrupted(static_cast<ucontext_t *>(context)))) {
    (void)Answer(asked, kWorks);
  } else if (Answer(asked, kRests)) {
    while (rest == now) WaitWhile(&rest, now, nullptr);
  }
  errno = error;
}

/* One that nobody else uses. The handler stays: a thread may come late. Calls that it interrupts are
 * made once more, but for timed waits, which the kernel never does by itself. */
bool TakeSignal() {
  if (signal_number != 0) return true;
  for (int number = SIGRTMAX; number >= SIGRTMIN; number--) {
    struct sigaction action;
    if (sigaction(number, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) continue;
    action = {};
    action.sa_sigaction = HandleSignal;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigfillset(&action.sa_mask);
    if (sigaction(number, &action, nullptr) != 0) continue;
    signal_number = number;
    return true;
  }
  return false;
}

int64_t Now() {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * int64_t{1000000000} + time.tv_nsec;
}

void Pause() {
  struct timespec pause = {0, kPause};
  (void)nanosleep(&pause, nullptr); /* a signal that ends it sooner does no harm */
}

bool Send(pid_t thread, uint32_t asked) {
  siginfo_t info = {};
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_int = static_cast<int>(asked);
  return syscall(SYS_rt_tgsigqueueinfo, info.si_pid, thread, signal_number, &info) == 0;
}

/* What the thread has answered, or kWithdrawn. */
uint32_t AwaitAnswer(uint32_t asked, int64_t deadline) {
  while (question == asked) {
    int64_t left = deadline - Now();
    if (left <= 0) {
      (void)Answer(asked, kWithdrawn); /* unless it has been answered at last */
      break;
    }
    struct timespec longest = {static_cast<time_t>(left / 1000000000),
                               static_cast<long>(left % 1000000000)};
    WaitWhile(&question, asked, &longest);
  }
  return question - asked;
}

/* Whether the thread rests now, or has ended. */
bool Ask(pid_t thread, int64_t deadline) {
  uint32_t asked = (question | (kStep - 1)) + 1;
  question = asked;
  if (!Send(thread, asked)) return errno == ESRCH;
  return AwaitAnswer(asked, deadline) == kRests;
}

bool ParkThread(pid_t thread, int64_t deadline) {
  while (!Ask(thread, deadline)) {
    if (Now() >= deadline) return false;
    Pause();
  }
  return true;
}

struct Thread {
  pid_t id;
  bool is_sampler;
  uint64_t pending; /* signals */
  uint64_t blocked;
};

bool Has(uint64_t signals, int number) {
  return (signals >> (number - 1) & 1) != 0;
}

/* Of a line of the kernel's that is there for every thread. */
uint64_t ReadSignals(const char *status, const char *title) {
  const char *line = strstr(status, title);
  return line == nullptr ? 0 : strtoull(line + strlen(title), nullptr, 16);
}

/* 0, -ENOENT or -ESRCH where it has ended, or -errno. */
int LookAt(pid_t id, Thread *thread) {
  char text[4096]; /* twice what there is */
  (void)snprintf(text, sizeof text, "/proc/self/task/%d/status", id); /* fits */
  int file = open(text, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  ssize_t length = read(file, text, sizeof text - 1);
  int error = length < 0 ? -errno : 0;
  (void)close(file); /* nothing was written */
  if (error < 0) return error;
  text[length] = '\0';
  *thread = {id, strncmp(text, kName, sizeof kName - 1) == 0, ReadSignals(text, "\nSigPnd:"),
             ReadSignals(text, "\nSigBlk:")};
  return 0;
}

/* Whether all threads that there are pass. */
bool All(DIR *threads, bool (*passes)(const Thread &, int64_t), int64_t deadline) {
  rewinddir(threads);
  for (;;) {
    errno = 0;
    struct dirent *entry = readdir(threads);
    if (entry == nullptr) return errno == 0;
    pid_t id = atoi(entry->d_name);
    if (id == 0) continue; /* "." and ".." */
    Thread thread;
    int error = LookAt(id, &thread);
    if (error == -ENOENT || error == -ESRCH) continue;
    if (error < 0 || !passes(thread, deadline)) return false;
  }
}

bool Rests(const Thread &thread, int64_t deadline) {
  return !thread.is_sampler || ParkThread(thread.id, deadline);
}

/* In V8's handler, or about to be: SIGPROF alone is blocked there. Where we block it ourselves while
 * a thread sleeps, SIGVTALRM is, too, which nobody uses. */
bool IsSampled(const Thread &thread) {
  if (Has(thread.blocked, SIGPROF)) return !Has(thread.blocked, SIGVTALRM);
  return Has(thread.pending, SIGPROF);
}

/* A Worker may be in V8's handler, and have V8's list of samplers locked. */
bool IsThrough(const Thread &thread, int64_t deadline) {
  Thread now = thread;
  while (IsSampled(now)) {
    if (Now() >= deadline) return false;
    Pause();
    int error = LookAt(thread.id, &now);
    if (error < 0) return error == -ENOENT || error == -ESRCH;
  }
  return true;
}

/* While there is one V8 handles SIGPROF, by which it samples. */
bool MayHaveSamplers() {
  struct sigaction action;
  if (sigaction(SIGPROF, nullptr, &action) != 0) return true;
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

} // namespace

bool ParkSamplers(int milliseconds) {
  if (!MayHaveSamplers()) return true;
  if (!TakeSignal()) return false;
  int64_t deadline = Now() + milliseconds * int64_t{1000000};
  DIR *threads = opendir("/proc/self/task");
  if (threads == nullptr) return false;
  bool all = All(threads, Rests, deadline) && All(threads, IsThrough, deadline);
  (void)closedir(threads);
  if (!all) ReleaseSamplers();
  return all;
}

void ReleaseSamplers() {
  rest++;
  Wake(&rest);
}

} // namespace polyprocess

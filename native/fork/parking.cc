/*
 * Rest for Node's own worker threads: one task of the lowest priority for each, which reports in
 * and waits until it is released. When all have reported, none holds a lock or is inside a
 * collection.
 *
 * A task that was posted after the parking tasks would be lost for the child, which never runs
 * Node's own queue again; V8 would wait for some of them for ever. So tasks are counted, and if the
 * count has changed while the threads were parking, they are released and parked anew.
 *
 * After a fork the threads stay at rest for a moment, or until there is a task: who forks once often
 * forks again, and four threads that wake up take the processor from the child that begins.
 *
 *   WORKING ──all have reported──> RESTING ──task, somebody waits for tasks, kRest──> WORKING
 *
 * Who waits for all tasks of these threads (DrainTasks, at the end of a Worker) waits for the parking
 * tasks as well, and so must not meet one rest after the other: it is counted, and while there is
 * one, nobody rests longer than the fork takes.
 *
 * The lock is held from the last look at the threads until after the fork, so none leaves meanwhile.
 */
#include <pthread.h>

#include <atomic>
#include <ctime>

#include "fork.h"

namespace polyprocess {
namespace {

constexpr int kPatience = 50;      /* milliseconds for one try */
constexpr int kMostDisturbed = 10; /* a busy Worker may post for ever */
constexpr int kRest = 10;          /* milliseconds after a fork */
constexpr int kLongestRest = 30;   /* with forks in between: delayed tasks wait for its end */

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t reported;
pthread_cond_t released;
int parked;
unsigned long round_number;
struct timespec rest_until;
struct timespec rest_limit;
unsigned long posted_at_rest;
/* Read without the lock by whoever posts a task, right after it is in the queue. */
std::atomic<bool> resting;

struct timespec After(long milliseconds) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  time.tv_nsec += milliseconds * 1000000;
  time.tv_sec += time.tv_nsec / 1000000000;
  time.tv_nsec %= 1000000000;
  return time;
}

bool IsPast(const struct timespec &time) {
  struct timespec now = After(0);
  return now.tv_sec != time.tv_sec ? now.tv_sec > time.tv_sec : now.tv_nsec >= time.tv_nsec;
}

/* With the lock held. */
void EndRound() {
  round_number++;
  parked = 0;
  resting = false;
  pthread_cond_broadcast(&released);
}

class ParkingTask : public v8::Task {
public:
  explicit ParkingTask(unsigned long round) : round_(round) {
  }
  void Run() override {
    pthread_mutex_lock(&lock);
    if (round_ == round_number) {
      parked++;
      pthread_cond_signal(&reported);
      Rest();
    }
    pthread_mutex_unlock(&lock);
  }

private:
  void Rest() const {
    while (round_ == round_number) {
      struct timespec until = rest_until; /* a fork in the meantime makes it later */
      pthread_cond_timedwait(&released, &lock, &until);
      if (round_ == round_number && IsPast(rest_until)) EndRound();
    }
  }
  unsigned long round_;
};

void Release() {
  pthread_mutex_lock(&lock);
  EndRound();
  pthread_mutex_unlock(&lock);
}

bool AllReport(const Platform &platform) {
  bool all = false;
  for (int waited = 0; !all && waited < kPatience; waited += 2) {
    struct timespec until = After(2);
    int result = 0;
    pthread_mutex_lock(&lock);
    while (parked < platform.worker_threads && result == 0)
      result = pthread_cond_timedwait(&reported, &lock, &until);
    all = parked >= platform.worker_threads;
    pthread_mutex_unlock(&lock);
    if (!all) platform.chance->Give();
  }
  return all;
}

enum class Outcome { kParked, kDisturbed, kBusy };

/* True: all threads rest and nothing was posted since; the lock is held. */
bool HoldResting(const Platform &platform) {
  pthread_mutex_lock(&lock);
  if (parked >= platform.worker_threads && CountPosted() == posted_at_rest) return true;
  pthread_mutex_unlock(&lock);
  return false;
}

/* When it is kParked, the lock is held. */
Outcome ParkOnce(const Platform &platform) {
  pthread_mutex_lock(&lock);
  rest_until = After(2 * kPatience);
  pthread_mutex_unlock(&lock);
  /* Counted before: a task that comes in between may lie behind a parking task. */
  unsigned long posted = CountPosted() + static_cast<unsigned long>(platform.worker_threads);
  for (int i = 0; i < platform.worker_threads; i++)
    platform.platform->CallLowPriorityTaskOnWorkerThread(
        std::make_unique<ParkingTask>(round_number));
  if (!AllReport(platform)) return Outcome::kBusy;
  posted_at_rest = posted;
  return HoldResting(platform) ? Outcome::kParked : Outcome::kDisturbed;
}

bool ParkNodesThreads(const Platform &platform, int tries) {
  if (resting && CountDraining() == 0 && !IsPast(rest_limit) && HoldResting(platform)) return true;
  Release();
  rest_limit = After(kLongestRest);
  for (int disturbed = 0; tries > 0;) {
    Outcome outcome = ParkOnce(platform);
    if (outcome == Outcome::kParked) return true;
    if (outcome == Outcome::kDisturbed && ++disturbed >= kMostDisturbed) {
      pthread_mutex_lock(&lock);
      if (parked >= platform.worker_threads) return true;
      pthread_mutex_unlock(&lock);
    }
    Release();
    if (outcome == Outcome::kBusy) tries--;
  }
  return false;
}

} // namespace

bool Park(const Platform &platform, int tries) {
  if (!HasOwnThreads()) return ParkNodesThreads(platform, tries);
  return PauseThreads(platform.chance, static_cast<double>(kPatience) * tries);
}

void UnparkInParent() {
  if (HasOwnThreads()) {
    ResumeThreads();
    return;
  }
  rest_until = After(kRest);
  resting = true;
  pthread_mutex_unlock(&lock);
  /* Who came while the lock was held found nobody resting. */
  if (CountPosted() != posted_at_rest || CountDraining() > 0) Release();
}

/* This thread has the lock, in this process as in the other. */
void UnparkInChild(const Platform &platform) {
  if (HasOwnThreads()) {
    ForgetThreads();
    return;
  }
  /* Without a broadcast: it would wait for those who were about to wake up in the parent. */
  resting = false;
  pthread_mutex_unlock(&lock);
  UseOwnThreads(platform);
}

void WakeResting() {
  if (resting) Release();
}

void InitParking() {
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&reported, &monotonic);
  pthread_cond_init(&released, &monotonic);
  pthread_condattr_destroy(&monotonic);
}

} // namespace polyprocess

/*
 * Rest for Node's own worker threads: one task of the lowest priority for each, which reports in
 * and waits until it is released. When all have reported, none holds a lock or is inside a
 * collection.
 *
 * A task that was posted after the parking tasks would be lost for the child, which never runs
 * Node's own queue again; V8 would wait for some of them for ever. So tasks are counted, and if the
 * count has changed while the threads were parking, they are released and parked anew.
 */
#include <pthread.h>

#include <ctime>

#include "fork.h"

namespace polyprocess {
namespace {

constexpr int kPatience = 50;      /* milliseconds for one try */
constexpr int kMostDisturbed = 10; /* a busy Worker may post for ever */

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t reported = PTHREAD_COND_INITIALIZER;
pthread_cond_t released = PTHREAD_COND_INITIALIZER;
int parked;
unsigned long round_number;

class ParkingTask : public v8::Task {
public:
  explicit ParkingTask(unsigned long round) : round_(round) {
  }
  void Run() override {
    pthread_mutex_lock(&lock);
    if (round_ == round_number) {
      parked++;
      pthread_cond_signal(&reported);
      while (round_ == round_number) pthread_cond_wait(&released, &lock);
    }
    pthread_mutex_unlock(&lock);
  }

private:
  unsigned long round_;
};

struct timespec After(long milliseconds) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_nsec += milliseconds * 1000000;
  time.tv_sec += time.tv_nsec / 1000000000;
  time.tv_nsec %= 1000000000;
  return time;
}

void Release() {
  pthread_mutex_lock(&lock);
  round_number++;
  parked = 0;
  pthread_cond_broadcast(&released);
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

Outcome ParkOnce(const Platform &platform) {
  for (int i = 0; i < platform.worker_threads; i++)
    platform.platform->CallLowPriorityTaskOnWorkerThread(
        std::make_unique<ParkingTask>(round_number));
  unsigned long posted = CountPosted();
  if (!AllReport(platform)) return Outcome::kBusy;
  return CountPosted() == posted ? Outcome::kParked : Outcome::kDisturbed;
}

bool ParkNodesThreads(const Platform &platform, int tries) {
  for (int disturbed = 0; tries > 0;) {
    Outcome outcome = ParkOnce(platform);
    if (outcome == Outcome::kParked) return true;
    if (outcome == Outcome::kDisturbed && ++disturbed >= kMostDisturbed) return true;
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
  if (HasOwnThreads()) ResumeThreads();
  else Release();
}

void UnparkInChild(const Platform &platform) {
  if (HasOwnThreads()) ForgetThreads();
  else UseOwnThreads(platform);
}

} // namespace polyprocess

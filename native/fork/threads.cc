/*
 * The background threads of a forked child. They take tasks by priority; delayed ones wait in the
 * same place for their time. Threads are made when a task finds none idle, up to the number that
 * Node had: a child that only computes has none.
 *
 * For a fork of the child itself they pause between two tasks. What is queued then is in both
 * processes, and both do it; in the new child by new threads.
 */
#include <pthread.h>

#include <csignal>
#include <cstdint>
#include <ctime>

#include "fork.h"

namespace polyprocess {
namespace {

constexpr int64_t kSecond = 1000000000;

/* A list, and no container of the standard library: those need a newer one than Node does. */
struct Entry {
  Task task;
  int priority;
  int64_t due; /* 0: at once */
  Entry *next;
};

struct State {
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t wanted;    /* a task, or a delayed one sooner than before */
  pthread_cond_t rested;    /* nothing is being done, or nothing is left */
  Entry *queue = nullptr;   /* the most urgent first, then the oldest */
  Entry *delayed = nullptr; /* the one that is due first, first */
  int threads = 0;
  int idle = 0;
  int busy = 0;
  int most = 1;
  bool paused = false;
};

/* Never freed: threads use it until the process ends. */
State *state;

int64_t Now() {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

struct timespec ToTimespec(int64_t time) {
  return {static_cast<time_t>(time / kSecond), static_cast<long>(time % kSecond)};
}

void InitLocks() {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_mutex_init(&state->lock, nullptr);
  pthread_cond_init(&state->wanted, &attributes);
  pthread_cond_init(&state->rested, &attributes);
  pthread_condattr_destroy(&attributes);
}

void Enqueue(Entry *entry) {
  Entry **link = &state->queue;
  while (*link != nullptr && (*link)->priority >= entry->priority) link = &(*link)->next;
  entry->next = *link;
  *link = entry;
}

void Delay(Entry *entry) {
  Entry **link = &state->delayed;
  while (*link != nullptr && (*link)->due <= entry->due) link = &(*link)->next;
  entry->next = *link;
  *link = entry;
}

void TakeDue() {
  if (state->delayed == nullptr) return;
  int64_t now = Now();
  while (state->delayed != nullptr && state->delayed->due <= now) {
    Entry *entry = state->delayed;
    state->delayed = entry->next;
    Enqueue(entry);
  }
}

Entry *Next() {
  if (state->paused) return nullptr;
  TakeDue();
  Entry *entry = state->queue;
  if (entry != nullptr) state->queue = entry->next;
  return entry;
}

void WaitForTask() {
  state->idle++;
  if (state->delayed == nullptr || state->paused) {
    pthread_cond_wait(&state->wanted, &state->lock);
  } else {
    struct timespec due = ToTimespec(state->delayed->due);
    pthread_cond_timedwait(&state->wanted, &state->lock, &due);
  }
  state->idle--;
}

void *Work(void *) {
  pthread_mutex_lock(&state->lock);
  for (;;) {
    Entry *entry = Next();
    if (entry == nullptr) {
      WaitForTask();
      continue;
    }
    state->busy++;
    pthread_mutex_unlock(&state->lock);
    entry->task->Run();
    delete entry; /* what the task's destructor does is part of the work */
    pthread_mutex_lock(&state->lock);
    state->busy--;
    if (state->busy == 0) pthread_cond_broadcast(&state->rested);
  }
}

/* With the lock held. A thread that cannot be made is not missed if there is another one; if there
 * is none, the next task tries again. */
void Recruit() {
  if (state->idle > 0) {
    pthread_cond_signal(&state->wanted);
    return;
  }
  if (state->threads >= state->most) return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the main thread's business */
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, Work, nullptr) == 0) state->threads++;
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

/* Waits a little while for `rested`, and gives the main thread's interrupts their chance. With the
 * lock held, but not all the time. */
void WaitForRest(InterruptChance *chance) {
  struct timespec until = ToTimespec(Now() + 2000000);
  int result = pthread_cond_timedwait(&state->rested, &state->lock, &until);
  if (result == 0 || chance == nullptr) return;
  pthread_mutex_unlock(&state->lock);
  chance->Give();
  pthread_mutex_lock(&state->lock);
}

} // namespace

void StartThreads(int most) {
  state = new State();
  state->most = most < 1 ? 1 : most;
  InitLocks();
}

void Post(v8::TaskPriority priority, Task task) {
  auto *entry = new Entry{std::move(task), static_cast<int>(priority), 0, nullptr};
  pthread_mutex_lock(&state->lock);
  Enqueue(entry);
  if (!state->paused) Recruit();
  pthread_mutex_unlock(&state->lock);
}

void PostDelayed(v8::TaskPriority priority, Task task, double seconds) {
  int64_t due = Now() + static_cast<int64_t>(seconds * 1e9);
  auto *entry = new Entry{std::move(task), static_cast<int>(priority), due, nullptr};
  pthread_mutex_lock(&state->lock);
  Delay(entry);
  if (!state->paused) Recruit();
  pthread_mutex_unlock(&state->lock);
}

void Drain(InterruptChance *chance) {
  pthread_mutex_lock(&state->lock);
  while (state->queue != nullptr || state->busy > 0) WaitForRest(chance);
  pthread_mutex_unlock(&state->lock);
}

/* The lock is kept until ResumeThreads or ForgetThreads: nobody is inside the queues then. */
bool PauseThreads(InterruptChance *chance, double milliseconds) {
  int64_t deadline = Now() + static_cast<int64_t>(milliseconds * 1e6);
  pthread_mutex_lock(&state->lock);
  state->paused = true;
  while (state->busy > 0 && Now() < deadline) WaitForRest(chance);
  if (state->busy == 0) return true;
  ResumeThreads();
  return false;
}

void ResumeThreads() {
  state->paused = false;
  pthread_cond_broadcast(&state->wanted);
  if (state->queue != nullptr || state->delayed != nullptr) Recruit();
  pthread_mutex_unlock(&state->lock);
}

void ForgetThreads() {
  InitLocks();
  state->threads = state->idle = 0;
  pthread_mutex_lock(&state->lock);
  ResumeThreads();
}

} // namespace polyprocess

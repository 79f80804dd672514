/*
 * fork(2) out of a running Node process. The one part of the library that needs V8's and libuv's
 * own headers, and so is built once for each major version of Node.
 *
 * V8 and Node are not made to be forked. What stands against it, and which file deals with it:
 *
 *   their worker threads do not survive       parking.cc lets them rest while the fork is made,
 *                                             threads.cc has new ones for the child
 *   nor do the threads of its profilers       sampling.cc lets them rest, too
 *   the platform feeds the dead threads       platform.cc puts our functions into its table
 *   V8's memory is kept out of children       mappings.cc
 *   the child inherits the parent's events    loop.cc, streams.cc, workers.cc
 *
 * All functions are for the main thread, except those said to be for any thread.
 */
#ifndef POLYPROCESS_FORK_H
#define POLYPROCESS_FORK_H

#include <node.h>
#include <uv.h>
#include <v8-platform.h>

#include <cstdint>
#include <memory>

namespace polyprocess {

using Task = std::unique_ptr<v8::Task>;

/* Two of V8's background threads may wait for a collection that only the main thread can make. It
 * looks for such requests whenever it enters a function, so whoever waits for background threads
 * enters one, over and over. */
class InterruptChance {
public:
  explicit InterruptChance(v8::Isolate *isolate);
  /* Whether the function ran. */
  bool Give();

private:
  v8::Isolate *isolate_;
  v8::Global<v8::Context> context_;
  v8::Global<v8::Function> nothing_;
};

/* binary.cc: null where a symbol is missing. */
struct NodesBinary {
  uintptr_t start;
  uintptr_t end;
  void *platform_table;
  void *run_timers;       /* callback of JavaScript's timer */
  void *run_delayed_task; /* of the timers of V8's delayed tasks */
  void *flush_tasks;      /* of the wake-up for V8's tasks on the main thread */
  void *join_worker;      /* what is done of a Worker whose thread has ended */
};
void FindNodesBinary();
const NodesBinary &GetNodesBinary();

/* platform.cc. Null when this Node's platform is not the one that we know: why is in `reason`. */
struct Platform {
  node::MultiIsolatePlatform *platform;
  v8::Isolate *isolate;
  int worker_threads;
  InterruptChance *chance;
};
const Platform *AdoptPlatform(v8::Isolate *isolate, const char **reason);
/* How many tasks have been posted to Node's own worker threads. Any thread. */
unsigned long CountPosted();
/* How many threads wait for all tasks of those. Any thread. */
int CountDraining();
/* In a child: from now on the platform's work is done by threads of our own. */
void UseOwnThreads(const Platform &platform);
bool HasOwnThreads();
/* In a child: waits for all background work, and does what it leads to on the main thread. Whether
 * there was any. */
bool RunPendingTasks(const Platform &platform);

/* parking.cc: brings all background threads to rest, waiting a little for each of several tries.
 * False: they are busy. From Park to Unpark the caller may only fork. */
void InitParking();
bool Park(const Platform &platform, int tries);
void UnparkInParent();
void UnparkInChild(const Platform &platform);
/* Ends the rest that follows a fork: there is a task, or somebody waits for tasks. Any thread. */
void WakeResting();

/* sampling.cc: brings the threads of V8's CPU profilers to rest, if there are any. False: they did
 * not come to rest in time, and work on. Until they are released the caller may only fork. */
bool ParkSamplers(int milliseconds);
/* On both sides of a fork. */
void ReleaseSamplers();

/* threads.cc: the background threads of a forked child, made when there is something to do. */
void StartThreads(int most);
void Post(v8::TaskPriority priority, Task task);                        /* any thread */
void PostDelayed(v8::TaskPriority priority, Task task, double seconds); /* any thread */
/* Waits until all that was posted is done; with the chance if it is the main thread that waits. */
void Drain(InterruptChance *chance); /* any thread */
bool PauseThreads(InterruptChance *chance, double milliseconds);
void ResumeThreads();
void ForgetThreads();

/* compile.cc: has V8 compile functions that were never called, without calling them. False: it
 * would call them now, and has not. */
bool CanCompileAhead(v8::Isolate *isolate, InterruptChance *chance);
void CompileFunction(v8::Isolate *isolate, v8::Local<v8::Function> function);

/* mappings.cc: lets a child have all of this process's anonymous memory. 0 or -errno. */
int ShareMappings();

/* loop.cc: in a child, stops all that the parent's event loop waits for, and makes it the child's.
 */
int ReviveLoop(uv_loop_t *loop);
/* Whether it took away what was to be written to standard output or error. */
bool HasDroppedOutput();
/* Lets the callbacks of those writes run, in the next turn of the event loop, or not yet. */
void SettleOutput(uv_loop_t *loop);
void HoldOutput(uv_loop_t *loop);
/* Undoes what uv__io_start did, and takes away what is pending. */
void StopWatching(uv_loop_t *loop, uv__io_t *watcher);

/* streams.cc. What was not yet written is the parent's to write; returns how many requests end. */
unsigned DropPendingWrites(uv_stream_t *stream);
void SettleWrites(uv_stream_t *stream); /* in the next turn of the event loop */
void FreezeStream(uv_stream_t *stream);
void FreezeDatagrams(uv_udp_t *socket);

/* workers.cc: joins a Worker, by its handle, and has its `onexit` called. Its thread must be gone:
 * it would be waited for. */
void JoinWorker(v8::Local<v8::Object> handle);

/* fork.cc: 0 in the child, the child's pid in the parent, or -errno. -EBUSY: V8's threads did not
 * come to rest; more tries may help. */
int Fork(const Platform &platform, int tries);

/* JavaScript's timer, stopped until it is released: while JavaScript is being ended, Node's
 * function for it would try again for ever. nullptr: it was not running. */
uv_timer_t *HoldTimer(uv_loop_t *loop);
void ReleaseTimer(uv_timer_t *held);

inline void QueueInit(struct uv__queue *queue) {
  queue->next = queue->prev = queue;
}

inline bool QueueIsEmpty(const struct uv__queue *queue) {
  return queue->next == queue;
}

inline void QueueRemove(struct uv__queue *entry) {
  entry->prev->next = entry->next;
  entry->next->prev = entry->prev;
  QueueInit(entry);
}

inline void QueueInsert(struct uv__queue *queue, struct uv__queue *entry) {
  entry->next = queue;
  entry->prev = queue->prev;
  entry->prev->next = entry;
  queue->prev = entry;
}

} // namespace polyprocess

#endif

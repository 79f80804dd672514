/*
 * Node's platform object is where V8 posts its background work. Its functions are virtual, so the
 * object can be given a copy of their table in which three entries are ours: two that post, and the
 * one that waits for all that was posted. Until the process is a forked child they do what they
 * did, and count.
 */
#include <atomic>
#include <cstring>

#include "fork.h"

namespace polyprocess {

InterruptChance::InterruptChance(v8::Isolate *isolate) : isolate_(isolate) {
  v8::HandleScope scope(isolate);
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  context_.Reset(isolate, context);
  v8::Local<v8::String> source = v8::String::NewFromUtf8Literal(isolate, "(function () {})");
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> nothing;
  if (!v8::Script::Compile(context, source).ToLocal(&script)) return;
  if (script->Run(context).ToLocal(&nothing)) nothing_.Reset(isolate, nothing.As<v8::Function>());
}

bool InterruptChance::Give() {
  if (nothing_.IsEmpty()) return true;
  v8::HandleScope scope(isolate_);
  v8::TryCatch nobody_cares(isolate_);
  v8::Local<v8::Context> context = context_.Get(isolate_);
  v8::Context::Scope inside(context);
  return !nothing_.Get(isolate_)
              ->Call(context, v8::Undefined(isolate_), 0, nullptr)
              .IsEmpty();
}

namespace {

using MultiIsolatePlatform = node::MultiIsolatePlatform;

std::atomic<unsigned long> posted;
std::atomic<int> draining;
Platform adopted;
bool own_threads;

/* A pointer to a virtual member function has its place in the table: in the Itanium ABI as 1 + the
 * offset, on AArch64, where odd function addresses exist, as the offset with a mark elsewhere. */
template <typename Member> size_t SlotOf(Member member) {
  uintptr_t words[2];
  static_assert(sizeof member == sizeof words);
  memcpy(words, &member, sizeof words);
#if defined(__aarch64__)
  return words[0] / sizeof(void *);
#else
  return (words[0] - 1) / sizeof(void *);
#endif
}

void (*original_drain)(MultiIsolatePlatform *, v8::Isolate *);

void DrainTasks(MultiIsolatePlatform *platform, v8::Isolate *isolate) {
  if (!own_threads) {
    draining++;
    WakeResting();
    original_drain(platform, isolate);
    draining--;
    return;
  }
  InterruptChance *chance = isolate == adopted.isolate ? adopted.chance : nullptr;
  do Drain(chance);
  while (platform->FlushForegroundTasks(isolate));
}

#if V8_MAJOR_VERSION >= 12

struct Slots : public MultiIsolatePlatform {
  static size_t Post() {
    return SlotOf(&Slots::PostTaskOnWorkerThreadImpl);
  }
  static size_t PostDelayed() {
    return SlotOf(&Slots::PostDelayedTaskOnWorkerThreadImpl);
  }
};

void (*original_post)(v8::Platform *, v8::TaskPriority, Task, const v8::SourceLocation &);
void (*original_post_delayed)(v8::Platform *, v8::TaskPriority, Task, double,
                              const v8::SourceLocation &);

void PostTask(v8::Platform *platform, v8::TaskPriority priority, Task task,
              const v8::SourceLocation &location) {
  if (own_threads) return Post(priority, std::move(task));
  posted++;
  original_post(platform, priority, std::move(task), location);
  WakeResting();
}

void PostDelayedTask(v8::Platform *platform, v8::TaskPriority priority, Task task, double seconds,
                     const v8::SourceLocation &location) {
  if (own_threads) return PostDelayed(priority, std::move(task), seconds);
  original_post_delayed(platform, priority, std::move(task), seconds, location);
  WakeResting();
}

#else

struct Slots {
  static size_t Post() {
    return SlotOf(&v8::Platform::CallOnWorkerThread);
  }
  static size_t PostDelayed() {
    return SlotOf(&v8::Platform::CallDelayedOnWorkerThread);
  }
};

void (*original_post)(v8::Platform *, Task);
void (*original_post_delayed)(v8::Platform *, Task, double);

void PostTask(v8::Platform *platform, Task task) {
  if (own_threads) return Post(v8::TaskPriority::kUserVisible, std::move(task));
  posted++;
  original_post(platform, std::move(task));
  WakeResting();
}

void PostDelayedTask(v8::Platform *platform, Task task, double seconds) {
  if (own_threads) return PostDelayed(v8::TaskPriority::kUserVisible, std::move(task), seconds);
  original_post_delayed(platform, std::move(task), seconds);
  WakeResting();
}

#endif

/* Up to Node 22 the original DrainTasks waits for every task of Node's threads. It may stand
 * beneath the JavaScript that forks, and would wait in the child for the parking tasks, which never
 * end there. So the child takes them off the count of tasks. Where that is nobody tells, but these
 * versions change no more, and a place that holds another number than that of the parking tasks is
 * left alone. */
#if V8_MAJOR_VERSION < 13

struct NodesTaskQueue {
  uv_mutex_t lock;
  uv_cond_t available;
  uv_cond_t drained;
  int outstanding;
};

struct NodesPlatform {
  void *table;
  uv_mutex_t lock;
  char isolates[56];
  void *tracing;
  void *allocator;
  NodesTaskQueue *queue;
};

int *CountOfTasks() {
  return &static_cast<NodesPlatform *>(static_cast<void *>(adopted.platform))->queue->outstanding;
}

void ForgetParkingTasks() {
  int *count = CountOfTasks();
  if (*count == adopted.worker_threads) *count = 0;
}

#else

void ForgetParkingTasks() {
}

#endif

/* More than the table has. What lies behind it in Node's binary is copied as well, and never used.
 */
constexpr size_t kTableSize = 64;

template <typename Function>
void Replace(void **table, size_t slot, Function ours, Function *original) {
  *original = reinterpret_cast<Function>(table[slot]);
  table[slot] = reinterpret_cast<void *>(ours);
}

bool ReplaceFunctions(MultiIsolatePlatform *platform) {
  void **table;
  memcpy(&table, static_cast<void *>(platform), sizeof table);
  void **start = table - 2; /* before the functions come the offset to the top and the type */
  if (start != GetNodesBinary().platform_table) return false; /* another class's */
  void **copy = new void *[kTableSize];                       /* for ever, as the platform is */
  memcpy(copy, start, kTableSize * sizeof *copy);
  copy += 2;
  Replace(copy, Slots::Post(), PostTask, &original_post);
  Replace(copy, Slots::PostDelayed(), PostDelayedTask, &original_post_delayed);
  Replace(copy, SlotOf(&MultiIsolatePlatform::DrainTasks), DrainTasks, &original_drain);
  /* One store, which other threads see whole. */
  __atomic_store_n(static_cast<void ***>(static_cast<void *>(platform)), copy, __ATOMIC_SEQ_CST);
  return true;
}

} // namespace

const Platform *AdoptPlatform(v8::Isolate *isolate, const char **reason) {
  if (adopted.platform != nullptr) return &adopted;
  FindNodesBinary();
  InitParking();
  node::Environment *environment = node::GetCurrentEnvironment(isolate->GetCurrentContext());
  MultiIsolatePlatform *platform =
      environment == nullptr ? nullptr : node::GetMultiIsolatePlatform(environment);
  if (platform == nullptr || !ReplaceFunctions(platform)) {
    *reason = "the V8 platform of this program is not Node's own";
    return nullptr;
  }
  /* Node counts the thread for delayed tasks, which takes no others. */
  int workers = platform->NumberOfWorkerThreads() - 1;
  adopted = {platform, isolate, workers < 0 ? 0 : workers, new InterruptChance(isolate)};
  return &adopted;
}

unsigned long CountPosted() {
  return posted;
}

int CountDraining() {
  return draining;
}

void UseOwnThreads(const Platform &platform) {
  ForgetParkingTasks();
  StartThreads(platform.worker_threads);
  own_threads = true;
}

bool RunPendingTasks(const Platform &platform) {
  bool has_run = false;
  do Drain(platform.chance);
  while (platform.platform->FlushForegroundTasks(platform.isolate) && (has_run = true));
  return has_run;
}

bool HasOwnThreads() {
  return own_threads;
}

} // namespace polyprocess

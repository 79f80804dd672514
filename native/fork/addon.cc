/* What JavaScript sees: src/fork/addon.ts has the same table. */
#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "fork.h"

namespace polyprocess {
namespace {

using v8::Context;
using v8::Function;
using v8::FunctionCallbackInfo;
using v8::Global;
using v8::HandleScope;
using v8::Integer;
using v8::Isolate;
using v8::Local;
using v8::Object;
using v8::String;
using v8::Value;

constexpr int kTriesAtOnce = 20;
constexpr int kMostTurns = 100;

const Platform *platform;

/* Something that happens from the event loop, with no JavaScript beneath it: before the immediates
 * of this turn if they are still to come, for one of them may take long, and otherwise in the next
 * turn, which does not wait for anything. Of the check handles the one started last comes first, so
 * ours comes before Node's. */
struct Later {
  uv_idle_t idle;
  uv_check_t check;
  Global<Context> context;
  Global<Object> calls;
  void (*callback)(Later *);
  int turns = 0;
  int open = 2;

  Later(Isolate *isolate, Local<Object> callee, void (*what)(Later *)) : callback(what) {
    uv_loop_t *loop = node::GetCurrentEventLoop(isolate);
    context.Reset(isolate, isolate->GetCurrentContext());
    calls.Reset(isolate, callee);
    idle.data = check.data = this;
    (void)uv_idle_init(loop, &idle); /* cannot fail */
    (void)uv_check_init(loop, &check);
    Start();
  }
  void Start() {
    (void)uv_idle_start(&idle, [](uv_idle_t *handle) { Turn(handle->data); });
    (void)uv_check_start(&check, [](uv_check_t *handle) { Turn(handle->data); });
  }
  void Stop() {
    uv_idle_stop(&idle);
    uv_check_stop(&check);
  }
  void Close() {
    calls.Reset();
    uv_close(reinterpret_cast<uv_handle_t *>(&idle), Closed);
    uv_close(reinterpret_cast<uv_handle_t *>(&check), Closed);
  }
  static void Turn(void *data) {
    auto *later = static_cast<Later *>(data);
    later->Stop();
    later->callback(later);
  }
  static void Closed(uv_handle_t *handle) {
    auto *later = static_cast<Later *>(handle->data);
    if (--later->open == 0) delete later;
  }
};

/* A function that only does native work: no process.nextTick, no promise jobs. False: it says no. */
bool CallPlainly(Isolate *isolate, Local<Object> calls, const char *name) {
  Local<Context> context = isolate->GetCurrentContext();
  Local<String> key = String::NewFromUtf8(isolate, name).ToLocalChecked();
  Local<Value> function;
  v8::TryCatch errors(isolate);
  errors.SetVerbose(true);
  if (!calls->Get(context, key).ToLocal(&function) || !function->IsFunction()) return true;
  Local<Value> answer;
  if (!function.As<Function>()->Call(context, calls, 0, nullptr).ToLocal(&answer)) return true;
  return !answer->IsFalse();
}

void Finish(Isolate *isolate, Later *later, Local<Object> calls, int result) {
  later->Close();
  Local<Value> values[] = {Integer::New(isolate, result < 0 ? 0 : result),
                           Integer::New(isolate, result < 0 ? result : 0)};
  v8::MaybeLocal<Value> ignored = node::MakeCallback(isolate, calls, "done", 2, values, {0, 0});
  (void)ignored;
}

void ForkInTurn(Later *later) {
  Isolate *isolate = platform->isolate;
  HandleScope scope(isolate);
  Local<Context> context = later->context.Get(isolate);
  Context::Scope inside(context);
  Local<Object> calls = later->calls.Get(isolate);
  if (!CallPlainly(isolate, calls, "before")) {
    later->Close();
    return;
  }
  int result = Fork(*platform, 1);
  if (result == -EBUSY && ++later->turns < kMostTurns) {
    CallPlainly(isolate, calls, "notYet");
    later->Start();
    return;
  }
  Finish(isolate, later, calls, result == -EBUSY ? -EAGAIN : result);
}

void ForkLater(const FunctionCallbackInfo<Value> &info) {
  new Later(info.GetIsolate(), info[0].As<Object>(), ForkInTurn);
}

void ForkNow(const FunctionCallbackInfo<Value> &info) {
  int result = Fork(*platform, kTriesAtOnce);
  info.GetReturnValue().Set(result == -EBUSY ? -EAGAIN : result);
}

uv_timer_t *held_timer = nullptr;

void Continue(Later *later) {
  Isolate *isolate = platform->isolate;
  HandleScope scope(isolate);
  Local<Context> context = later->context.Get(isolate);
  Context::Scope inside(context);
  Local<Object> next = later->calls.Get(isolate);
  /* What ended JavaScript among promise jobs is still pending with V8 of Node 20, and would end the
   * next callback, whichever it is. */
  isolate->CancelTerminateExecution();
  SettleOutput(node::GetCurrentEventLoop(isolate));
  ReleaseTimer(held_timer);
  held_timer = nullptr;
  v8::MaybeLocal<Value> ignored =
      node::MakeCallback(isolate, next, next.As<Function>(), 0, nullptr, {0, 0});
  (void)ignored;
  later->Close(); /* a handle that is being closed would keep the loop alive meanwhile */
}

void CallSoon(const FunctionCallbackInfo<Value> &info) {
  new Later(info.GetIsolate(), info[0].As<Object>(), Continue);
}

void IsLoopAlive(const FunctionCallbackInfo<Value> &info) {
  bool has_run = RunPendingTasks(*platform);
  uv_loop_t *loop = node::GetCurrentEventLoop(info.GetIsolate());
  info.GetReturnValue().Set(has_run || uv_loop_alive(loop) != 0);
}

/* The promise jobs of the parent end with its stack: V8 drops them when one of them is terminated.
 */
void Unwind(const FunctionCallbackInfo<Value> &info) {
  Isolate *isolate = info.GetIsolate();
  HoldOutput(node::GetCurrentEventLoop(isolate));
  held_timer = HoldTimer(node::GetCurrentEventLoop(isolate));
  isolate->TerminateExecution();
  isolate->PerformMicrotaskCheckpoint();
  isolate->TerminateExecution();
}

void Seed(const FunctionCallbackInfo<Value> &info) {
  char seed[16];
  if (getrandom(seed, sizeof seed, 0) != sizeof seed) memset(seed, 1, sizeof seed);
  seed[0] |= 1; /* a generator that is all zero stays so */
  if (!info[0]->IsInt32Array() || info[0].As<v8::Int32Array>()->ByteLength() < sizeof seed) return;
  Local<v8::Int32Array> words = info[0].As<v8::Int32Array>();
  memcpy(static_cast<char *>(words->Buffer()->Data()) + words->ByteOffset(), seed, sizeof seed);
}

void CompileAll(const FunctionCallbackInfo<Value> &info) {
  if (!CanCompileAhead(info.GetIsolate(), platform->chance)) return;
  for (int i = 0; i < info.Length(); i++)
    if (info[i]->IsFunction()) CompileFunction(info.GetIsolate(), info[i].As<Function>());
}

void Join(const FunctionCallbackInfo<Value> &info) {
  if (info[0]->IsObject()) JoinWorker(info[0].As<Object>());
}

void HasDropped(const FunctionCallbackInfo<Value> &info) {
  info.GetReturnValue().Set(HasDroppedOutput());
}

void Export(Local<Object> exports) {
  Isolate *isolate = Isolate::GetCurrent();
  const char *reason = nullptr;
  platform = AdoptPlatform(isolate, &reason);
  if (platform == nullptr) {
    Local<String> text = String::NewFromUtf8(isolate, reason).ToLocalChecked();
    isolate->ThrowException(v8::Exception::Error(text));
    return;
  }
  NODE_SET_METHOD(exports, "fork", ForkNow);
  NODE_SET_METHOD(exports, "forkLater", ForkLater);
  NODE_SET_METHOD(exports, "compile", CompileAll);
  NODE_SET_METHOD(exports, "callSoon", CallSoon);
  NODE_SET_METHOD(exports, "isLoopAlive", IsLoopAlive);
  NODE_SET_METHOD(exports, "unwind", Unwind);
  NODE_SET_METHOD(exports, "hasDroppedOutput", HasDropped);
  NODE_SET_METHOD(exports, "seed", Seed);
  NODE_SET_METHOD(exports, "joinWorker", Join);
}

} // namespace
} // namespace polyprocess

NODE_MODULE_INIT() {
  polyprocess::Export(exports);
}

/*
 * The event loop of a forked child. It inherits all handles of the parent's: open, started, and
 * known to JavaScript objects that may be used or closed at any time. So they are not closed but
 * frozen: nothing waits for them any more, they do not keep the loop running, and beneath the
 * descriptor is a socket without another end, so that a write fails and the parent's connection is
 * not held open.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "fork.h"
#include "../uv_layout.h"

static_assert(MP_UV_SIGNAL_PIPE == 0 || MP_UV_SIGNAL_PIPE == offsetof(uv_loop_t, signal_pipefd),
              "uv_layout.h does not fit this version of libuv");
static_assert(MP_UV_SIGNAL_NUMBER == offsetof(uv_signal_t, signum) &&
                  MP_UV_SIGNALS_CAUGHT == offsetof(uv_signal_t, caught_signals),
              "uv_layout.h does not fit this version of libuv");

namespace polyprocess {

void StopWatching(uv_loop_t *loop, uv__io_t *watcher) {
  watcher->pevents = watcher->events = 0;
  QueueRemove(&watcher->watcher_queue);
  QueueRemove(&watcher->pending_queue);
  if (watcher->fd < 0 || static_cast<unsigned>(watcher->fd) >= loop->nwatchers) return;
  if (loop->watchers[watcher->fd] != watcher) return;
  loop->watchers[watcher->fd] = nullptr;
  loop->nfds--;
}

namespace {

bool has_dropped_output;

struct Revival {
  int dead;              /* a socket without another end */
  unsigned requests = 0; /* those that can still end here */
};

/* Timers that go on: JavaScript's own, which is empty by then, and V8's, which cleans up in idle
 * time. */
bool IsNodesTimer(const uv_timer_t *timer) {
  void *callback = reinterpret_cast<void *>(timer->timer_cb);
  const NodesBinary &binary = GetNodesBinary();
  return callback == binary.run_timers || callback == binary.run_delayed_task;
}

void Hold(uv_handle_t *handle, void *held) {
  if (handle->type != UV_TIMER) return;
  auto *timer = reinterpret_cast<uv_timer_t *>(handle);
  void *callback = reinterpret_cast<void *>(timer->timer_cb);
  if (callback != GetNodesBinary().run_timers) return;
  if (uv_is_active(handle) == 0) return;
  uv_timer_stop(timer);
  *static_cast<uv_timer_t **>(held) = timer;
}

bool IsInNodesBinary(void *function) {
  auto address = reinterpret_cast<uintptr_t>(function);
  return address >= GetNodesBinary().start && address < GetNodesBinary().end;
}

/* Descriptors 0 to 2 stay: the child shares them. */
void Cover(int descriptor, int dead) {
  if (descriptor > 2) (void)dup3(dead, descriptor, O_CLOEXEC);
}

bool IsStream(const uv_handle_t *handle) {
  return handle->type == UV_NAMED_PIPE || handle->type == UV_TCP || handle->type == UV_TTY;
}

bool IsOutput(const uv_stream_t *stream) {
  int descriptor = stream->io_watcher.fd;
  return descriptor == 1 || descriptor == 2 || stream->type == UV_TTY;
}

void ReviveStream(uv_stream_t *stream, Revival *revival) {
  if (IsOutput(stream)) {
    revival->requests += DropPendingWrites(stream);
  } else {
    FreezeStream(stream);
    Cover(stream->io_watcher.fd, revival->dead);
  }
}

template <typename Handle, typename Callback, typename Stop>
void StopForeign(Handle *handle, Callback callback, Stop stop) {
  if (!IsInNodesBinary(reinterpret_cast<void *>(callback))) stop(handle);
}

void Revive(uv_handle_t *handle, void *data) {
  auto *revival = static_cast<Revival *>(data);
  switch (handle->type) {
  case UV_NAMED_PIPE:
  case UV_TCP:
  case UV_TTY:
    ReviveStream(reinterpret_cast<uv_stream_t *>(handle), revival);
    break;
  case UV_UDP: {
    auto *socket = reinterpret_cast<uv_udp_t *>(handle);
    FreezeDatagrams(socket);
    Cover(socket->io_watcher.fd, revival->dead);
    break;
  }
  case UV_POLL: {
    auto *poll = reinterpret_cast<uv_poll_t *>(handle);
    StopWatching(poll->loop, &poll->io_watcher);
    /* Of one that is being closed the number may be another descriptor's by now. */
    if (uv_is_closing(handle) == 0) Cover(poll->io_watcher.fd, revival->dead);
    break;
  }
  case UV_ASYNC: {
    /* What other threads of the parent's told it; one may have been about to. libuv forgets only
     * what is in the loop's list, and not what the callback beneath the fork has taken from it. */
    auto *async = reinterpret_cast<uv_async_t *>(handle);
    async->pending = async->u.fd = 0;
    break;
  }
  case UV_PROCESS:
    /* Children of the parent; a pid may come to mean a child of ours. */
    QueueRemove(&reinterpret_cast<uv_process_t *>(handle)->queue);
    break;
  case UV_TIMER: {
    auto *timer = reinterpret_cast<uv_timer_t *>(handle);
    if (IsNodesTimer(timer)) return;
    uv_timer_stop(timer);
    break;
  }
  case UV_IDLE: {
    auto *idle = reinterpret_cast<uv_idle_t *>(handle);
    StopForeign(idle, idle->idle_cb, uv_idle_stop);
    return;
  }
  case UV_PREPARE: {
    auto *prepare = reinterpret_cast<uv_prepare_t *>(handle);
    StopForeign(prepare, prepare->prepare_cb, uv_prepare_stop);
    return;
  }
  case UV_CHECK: {
    auto *check = reinterpret_cast<uv_check_t *>(handle);
    StopForeign(check, check->check_cb, uv_check_stop);
    return;
  }
  case UV_SIGNAL: /* as in Python, handlers of signals are inherited */
    return;
  default:
    break;
  }
  uv_unref(handle);
}

/* libuv begins to watch the files anew, so only then can that be stopped. */
void StopFileWatchers(uv_handle_t *handle, void *) {
  if (handle->type == UV_FS_EVENT)
    (void)uv_fs_event_stop(reinterpret_cast<uv_fs_event_t *>(handle));
  if (handle->type == UV_FS_POLL) (void)uv_fs_poll_stop(reinterpret_cast<uv_fs_poll_t *>(handle));
}

/* What no handle stands for. */
void StopOtherWatchers(uv_loop_t *loop, int dead) {
  for (unsigned i = 0; i < loop->nwatchers; i++) {
    auto *watcher = static_cast<uv__io_t *>(loop->watchers[i]);
    if (watcher == nullptr || watcher == &loop->async_io_watcher ||
        watcher == &loop->signal_io_watcher || watcher == &loop->inotify_read_watcher)
      continue;
    StopWatching(loop, watcher);
    Cover(static_cast<int>(i), dead);
  }
}

/* A fork from a callback of the loop returns into uv__io_poll, which remembers the number. */
int KeepBackendNumber(uv_loop_t *loop, int number) {
  if (loop->backend_fd == number) return 0;
  if (dup3(loop->backend_fd, number, O_CLOEXEC) < 0) return -errno;
  close(loop->backend_fd);
  loop->backend_fd = number;
  return 0;
}

/* Work that the parent's thread pool has done or will do: never heard of here. The lock may have
 * been held by one of its threads. */
void ForgetWork(uv_loop_t *loop) {
  QueueInit(&loop->wq);
  (void)uv_mutex_init(&loop->wq_mutex);
}

int OpenDeadSocket(int *dead) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) return -errno;
  close(pair[1]);
  *dead = pair[0];
  return 0;
}

/* Work for V8 that a dead thread announced is done soon, not at the next announcement. */
void WakePlatform(uv_handle_t *handle, void *flush) {
  if (handle->type != UV_ASYNC) return;
  auto *async = reinterpret_cast<uv_async_t *>(handle);
  if (reinterpret_cast<void *>(async->async_cb) == flush) (void)uv_async_send(async);
}

} // namespace

void SettleOutput(uv_loop_t *loop) {
  if (!has_dropped_output) return;
  auto settle = [](uv_handle_t *handle, void *) {
    auto *stream = reinterpret_cast<uv_stream_t *>(handle);
    if (IsStream(handle) && IsOutput(stream)) SettleWrites(stream);
  };
  uv_walk(loop, settle, nullptr);
}

void HoldOutput(uv_loop_t *loop) {
  if (!has_dropped_output) return;
  auto hold = [](uv_handle_t *handle, void *) {
    auto *stream = reinterpret_cast<uv_stream_t *>(handle);
    if (IsStream(handle) && IsOutput(stream)) QueueRemove(&stream->io_watcher.pending_queue);
  };
  uv_walk(loop, hold, nullptr);
}

bool HasDroppedOutput() {
  return has_dropped_output;
}

uv_timer_t *HoldTimer(uv_loop_t *loop) {
  uv_timer_t *held = nullptr;
  uv_walk(loop, Hold, &held);
  return held;
}

void ReleaseTimer(uv_timer_t *held) {
  if (held != nullptr) uv_timer_start(held, held->timer_cb, 1, 0);
}

int ReviveLoop(uv_loop_t *loop) {
  Revival revival;
  int error = OpenDeadSocket(&revival.dead);
  if (error < 0) return error;
  uv_walk(loop, Revive, &revival);
  StopOtherWatchers(loop, revival.dead);
  close(revival.dead);
  loop->closing_handles = nullptr;
  loop->active_reqs.count = revival.requests;
  has_dropped_output = revival.requests > 0;
  ForgetWork(loop);
  int backend = loop->backend_fd;
  error = uv_loop_fork(loop);
  if (error == 0) error = KeepBackendNumber(loop, backend);
  SettleOutput(loop);
  uv_walk(loop, StopFileWatchers, nullptr);
  uv_walk(loop, WakePlatform, GetNodesBinary().flush_tasks);
  return error;
}

} // namespace polyprocess

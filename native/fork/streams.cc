/* What becomes, in a forked child, of streams that the parent had open. */
#include <unistd.h>

#include "fork.h"

namespace polyprocess {
namespace {

unsigned Count(const struct uv__queue *queue) {
  unsigned count = 0;
  for (const struct uv__queue *entry = queue->next; entry != queue; entry = entry->next) count++;
  return count;
}

} // namespace

/* For standard output and error, which parent and child both write to. To the child, what the
 * parent still has to write is written. Their callbacks are run by SettleWrites, as after a write
 * that worked: a stream whose callback never comes takes nothing more. */
unsigned DropPendingWrites(uv_stream_t *stream) {
  StopWatching(stream->loop, &stream->io_watcher);
  while (!QueueIsEmpty(&stream->write_queue)) {
    struct uv__queue *entry = stream->write_queue.next;
    QueueRemove(entry);
    QueueInsert(&stream->write_completed_queue, entry); /* libuv frees what it still holds */
  }
  return Count(&stream->write_completed_queue);
}

void SettleWrites(uv_stream_t *stream) {
  struct uv__queue *pending = &stream->io_watcher.pending_queue;
  bool has_ended = !QueueIsEmpty(&stream->write_completed_queue);
  if (has_ended && QueueIsEmpty(pending)) QueueInsert(&stream->loop->pending_queue, pending);
}

/* Its requests never end here, as if the other side said nothing any more. */
void FreezeStream(uv_stream_t *stream) {
  StopWatching(stream->loop, &stream->io_watcher);
  QueueInit(&stream->write_queue);
  QueueInit(&stream->write_completed_queue);
  stream->write_queue_size = 0;
  stream->connect_req = nullptr;
  stream->shutdown_req = nullptr;
  if (stream->accepted_fd != -1) {
    close(stream->accepted_fd);
    stream->accepted_fd = -1;
  }
}

void FreezeDatagrams(uv_udp_t *socket) {
  StopWatching(socket->loop, &socket->io_watcher);
  QueueInit(&socket->write_queue);
  QueueInit(&socket->write_completed_queue);
  socket->send_queue_size = 0;
  socket->send_queue_count = 0;
}

} // namespace polyprocess

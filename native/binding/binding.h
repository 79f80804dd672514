/* What one instance of the addon, one per thread that loads it, keeps; and what it exports. */
#ifndef MP_BINDING_H
#define MP_BINDING_H

#include "binding_args.h"
#include "mp_bell.h"
#include "mp_watcher.h"

struct open_bell;
struct open_poll;

/* Marks by descriptor. */
struct mp_owned {
  bool *marks;
  size_t capacity;
};

/* Whether libuv keeps the pipe of caught signals where uv_layout.h says. */
enum mp_signal_pipe { MP_SIGNAL_PIPE_UNTRIED, MP_SIGNAL_PIPE_FOUND, MP_SIGNAL_PIPE_UNKNOWN };

struct mp_instance {
  napi_env env;
  napi_async_cleanup_hook_handle cleanup;
  struct mp_watcher *watcher;
  struct mp_ringer ringer; /* its socket is -1 until bellArena */
  struct open_bell *bells;
  struct open_poll *polls;
  struct mp_owned owned;
  int closing_handles; /* libuv has not called back for these yet */
  bool ending;
  napi_ref returned; /* called with the key of a loan that nobody has any more; may be NULL */
  size_t loans;
  enum mp_signal_pipe signal_pipe;
  int generation; /* how many forks made this process; what an earlier one was lent is not ours */
};

/* NULL when an exception is pending. */
struct mp_instance *mp_instance_of(napi_env env);

/* Whether a finalizer is called because its environment ends, and not because of a collection. */
bool mp_is_ending(napi_env env);

/* Throws unless bellArena has been called. */
bool mp_ringer_ready(const struct mp_instance *instance);

/* Whether this range of a file can become a buffer; throws when it cannot. */
bool mp_can_map(const struct mp_call *call, uint64_t offset, uint64_t length);

/* Closes all bells of an instance that ends. */
void mp_bells_close(struct mp_instance *instance);

/* The same for what else it waits for in its event loop. */
void mp_polls_close(struct mp_instance *instance);

/* Closes what an instance that ends owns. */
void mp_owned_close(struct mp_owned *owned);

/* Calls a function from the event loop, and runs process.nextTick and promise jobs afterwards. What
 * it throws is an 'uncaughtException'. */
void mp_call_back(struct mp_instance *instance, napi_async_context context, napi_ref function,
                  size_t count, const napi_value *arguments);

/* Makes an 'uncaughtException' of what is pending. */
void mp_report_exception(napi_env env);

/* Lets go of all that an instance that ends watches. */
void mp_watches_forget(struct mp_instance *instance);

/* To be called when one of `closing_handles` is closed: the instance may be gone afterwards. */
void mp_handle_closed(struct mp_instance *instance);

typedef napi_value mp_method(napi_env env, napi_callback_info info);

mp_method mp_memory_create_method, mp_memory_grow_method, mp_memory_truncate_method,
    mp_memory_size_method, mp_memory_map_method, mp_memory_write_method, mp_memory_punch_method,
    mp_memory_enlarge_pages_method, mp_memory_identity_method, mp_byte_lock_method,
    mp_byte_unlock_method, mp_byte_lock_owner_method;
mp_method mp_shared_memory_open_method, mp_shared_memory_unlink_method,
    mp_shared_memory_open_unnamed_method, mp_shared_memory_link_method,
    mp_shared_memory_unlink_same_method, mp_tracker_tell_method;
mp_method mp_lend_within_method, mp_lend_mapped_method, mp_on_returned_method, mp_detach_method;
mp_method mp_futex_wait_method, mp_futex_wake_method, mp_bell_arena_method, mp_bell_open_method,
    mp_bell_wake_method, mp_bell_force_method;
mp_method mp_own_descriptor_method, mp_close_owned_method, mp_poll_watch_method,
    mp_stream_send_method, mp_stream_send_next_method, mp_stream_receive_method,
    mp_stream_receive_next_method, mp_keeper_open_method, mp_keeper_deposit_method,
    mp_keeper_withdraw_method;
mp_method mp_count_signals_method, mp_peek_signals_method;
mp_method mp_spawn_method, mp_pidfd_open_method, mp_pidfd_signal_method, mp_wait_pid_method,
    mp_is_ended_method, mp_exit_after_method, mp_exit_now_method, mp_thread_id_method,
    mp_features_method;
mp_method mp_watch_child_method, mp_unwatch_child_method, mp_take_exits_method,
    mp_watch_user_method;
mp_method mp_fork_prepare_method, mp_fork_in_parent_method, mp_fork_in_child_method;
mp_method mp_close_method, mp_duplicate_method, mp_set_close_on_exec_method, mp_socket_pair_method,
    mp_send_descriptor_method, mp_receive_descriptor_method, mp_poll_descriptor_method,
    mp_poll_descriptors_method, mp_poll_entries_method, mp_replace_descriptor_method,
    mp_ignore_signal_method, mp_die_with_forker_method, mp_rename_thread_method,
    mp_read_descriptor_method, mp_write_descriptor_method;
mp_method mp_socket_path_method, mp_socket_host_method, mp_socket_name_method,
    mp_socket_listen_method, mp_socket_address_method, mp_socket_accept_method,
    mp_socket_connect_method, mp_socket_connected_method, mp_socket_send_method,
    mp_socket_receive_method;

#endif

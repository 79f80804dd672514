/* The export table, and the birth and end of an instance. */
#include "binding.h"

#include <stdlib.h>

#define METHOD(name, function)                                                                     \
  { name, NULL, function, NULL, NULL, NULL, napi_enumerable, NULL }

static const napi_property_descriptor exported[] = {
    METHOD("memoryCreate", mp_memory_create_method),
    METHOD("memoryGrow", mp_memory_grow_method),
    METHOD("memoryTruncate", mp_memory_truncate_method),
    METHOD("memorySize", mp_memory_size_method),
    METHOD("memoryIdentity", mp_memory_identity_method),
    METHOD("memoryMap", mp_memory_map_method),
    METHOD("memoryWrite", mp_memory_write_method),
    METHOD("memoryEnlargePages", mp_memory_enlarge_pages_method),
    METHOD("memoryPunch", mp_memory_punch_method),
    METHOD("lendWithin", mp_lend_within_method),
    METHOD("lendMapped", mp_lend_mapped_method),
    METHOD("onReturned", mp_on_returned_method),
    METHOD("detach", mp_detach_method),
    METHOD("sharedMemoryOpen", mp_shared_memory_open_method),
    METHOD("sharedMemoryUnlink", mp_shared_memory_unlink_method),
    METHOD("sharedMemoryOpenUnnamed", mp_shared_memory_open_unnamed_method),
    METHOD("sharedMemoryLink", mp_shared_memory_link_method),
    METHOD("sharedMemoryUnlinkSame", mp_shared_memory_unlink_same_method),
    METHOD("trackerTell", mp_tracker_tell_method),
    METHOD("byteLock", mp_byte_lock_method),
    METHOD("byteUnlock", mp_byte_unlock_method),
    METHOD("byteLockOwner", mp_byte_lock_owner_method),
    METHOD("futexWait", mp_futex_wait_method),
    METHOD("futexWake", mp_futex_wake_method),
    METHOD("countSignals", mp_count_signals_method),
    METHOD("peekSignals", mp_peek_signals_method),
    METHOD("bellArena", mp_bell_arena_method),
    METHOD("bellOpen", mp_bell_open_method),
    METHOD("bellWake", mp_bell_wake_method),
    METHOD("bellForce", mp_bell_force_method),
    METHOD("pollWatch", mp_poll_watch_method),
    METHOD("streamSend", mp_stream_send_method),
    METHOD("streamSendNext", mp_stream_send_next_method),
    METHOD("streamReceive", mp_stream_receive_method),
    METHOD("streamReceiveNext", mp_stream_receive_next_method),
    METHOD("keeperOpen", mp_keeper_open_method),
    METHOD("keeperDeposit", mp_keeper_deposit_method),
    METHOD("keeperWithdraw", mp_keeper_withdraw_method),
    METHOD("spawn", mp_spawn_method),
    METHOD("pidfdOpen", mp_pidfd_open_method),
    METHOD("pidfdSignal", mp_pidfd_signal_method),
    METHOD("waitPid", mp_wait_pid_method),
    METHOD("isEnded", mp_is_ended_method),
    METHOD("forkPrepare", mp_fork_prepare_method),
    METHOD("forkInParent", mp_fork_in_parent_method),
    METHOD("forkInChild", mp_fork_in_child_method),
    METHOD("exitAfter", mp_exit_after_method),
    METHOD("exitNow", mp_exit_now_method),
    METHOD("threadId", mp_thread_id_method),
    METHOD("features", mp_features_method),
    METHOD("watchChild", mp_watch_child_method),
    METHOD("unwatchChild", mp_unwatch_child_method),
    METHOD("takeExits", mp_take_exits_method),
    METHOD("watchUser", mp_watch_user_method),
    METHOD("close", mp_close_method),
    METHOD("ownDescriptor", mp_own_descriptor_method),
    METHOD("closeOwned", mp_close_owned_method),
    METHOD("duplicate", mp_duplicate_method),
    METHOD("setCloseOnExec", mp_set_close_on_exec_method),
    METHOD("socketPair", mp_socket_pair_method),
    METHOD("sendDescriptor", mp_send_descriptor_method),
    METHOD("receiveDescriptor", mp_receive_descriptor_method),
    METHOD("pollDescriptor", mp_poll_descriptor_method),
    METHOD("pollDescriptors", mp_poll_descriptors_method),
    METHOD("pollEntries", mp_poll_entries_method),
    METHOD("replaceDescriptor", mp_replace_descriptor_method),
    METHOD("ignoreSignal", mp_ignore_signal_method),
    METHOD("dieWithForker", mp_die_with_forker_method),
    METHOD("renameThread", mp_rename_thread_method),
    METHOD("readDescriptor", mp_read_descriptor_method),
    METHOD("writeDescriptor", mp_write_descriptor_method),
    METHOD("socketPath", mp_socket_path_method),
    METHOD("socketHost", mp_socket_host_method),
    METHOD("socketName", mp_socket_name_method),
    METHOD("socketListen", mp_socket_listen_method),
    METHOD("socketAddress", mp_socket_address_method),
    METHOD("socketAccept", mp_socket_accept_method),
    METHOD("socketConnect", mp_socket_connect_method),
    METHOD("socketConnected", mp_socket_connected_method),
    METHOD("socketSend", mp_socket_send_method),
    METHOD("socketReceive", mp_socket_receive_method),
};

struct mp_instance *mp_instance_of(napi_env env) {
  void *data = NULL;
  return mp_ok(env, napi_get_instance_data(env, &data)) ? data : NULL;
}

/* Node refuses whatever might run JavaScript from then on; nothing else tells a finalizer. */
bool mp_is_ending(napi_env env) {
  napi_value value = NULL;
  if (napi_get_boolean(env, true, &value) != napi_ok) return true;
  return napi_coerce_to_bool(env, value, &value) != napi_ok;
}

/* Node runs its event loop until the hook's handle is removed, so libuv has called back for every
 * closed handle before the loop itself goes. */
static void finish_if_closed(struct mp_instance *instance) {
  if (!instance->ending || instance->closing_handles > 0) return;
  (void)napi_remove_async_cleanup_hook(instance->cleanup); /* fails only without a handle */
}

void mp_handle_closed(struct mp_instance *instance) {
  instance->closing_handles--;
  finish_if_closed(instance);
}

static void end_instance(napi_async_cleanup_hook_handle handle, void *data) {
  struct mp_instance *instance = data;
  instance->cleanup = handle;
  instance->ending = true;
  mp_watches_forget(instance);
  mp_watcher_release(instance->watcher);
  mp_bells_close(instance);
  mp_polls_close(instance);
  mp_owned_close(&instance->owned);
  if (instance->ringer.socket >= 0) (void)mp_ringer_close(&instance->ringer); /* nothing buffered */
  finish_if_closed(instance);
}

static void free_instance(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  free(data);
}

static bool start_instance(napi_env env) {
  struct mp_instance *instance = calloc(1, sizeof *instance);
  if (instance == NULL) return mp_ok(env, napi_generic_failure);
  instance->env = env;
  instance->ringer.socket = -1;
  if (!mp_done(env, mp_watcher_acquire(&instance->watcher), "epoll_create1")) {
    free(instance);
    return false;
  }
  if (!mp_ok(env, napi_set_instance_data(env, instance, free_instance, NULL))) {
    mp_watcher_release(instance->watcher);
    free(instance);
    return false;
  }
  return mp_ok(env, napi_add_async_cleanup_hook(env, end_instance, instance, &instance->cleanup));
}

NAPI_MODULE_INIT() {
  CHECK(start_instance(env));
  CHECK(mp_ok(
      env, napi_define_properties(env, exports, sizeof exported / sizeof exported[0], exported)));
  return exports;
}

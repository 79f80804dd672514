// The tests of CPython 3.11 to 3.15 in test/_test_multiprocessing.py and test_multiprocessing_main_handling.py: the names, by class.
export const MULTIPROCESSING: Readonly<Record<string, string>> = {
  // _test_multiprocessing.py
  TestInternalDecorators: 'test_only_run_in_spawn_testsuite test_only_run_in_forkserver_testsuite',
  _TestProcess: `
    test_current test_set_executable test_args_argument test_daemon_argument test_parent_process_attributes test_parent_process
    test_process test_process_mainthread_native_id test_interrupt test_interrupt_no_handler test_terminate test_kill test_cpu_count
    test_active_children test_recursion test_sentinel test_close test_many_processes test_lose_target_ref test_child_fd_inflation
    test_wait_for_threads test_error_on_stdio_flush_1 test_error_on_stdio_flush_2 test_forkserver_sigint test_forkserver_sigkill
    test_forkserver_auth_is_enabled test_forkserver_without_auth_fails`,
  _TestSubclassingProcess: 'test_subclassing test_stderr_flush test_sys_exit',
  _TestQueue: `
    test_put test_get test_fork test_qsize test_task_done test_no_import_lock_contention test_timeout
    test_queue_feeder_donot_stop_onexc test_queue_feeder_on_queue_feeder_error test_closed_queue_empty_exceptions
    test_closed_queue_put_get_exceptions`,
  _TestLock: `
    test_repr_lock test_lock test_lock_locked_2processes test_repr_rlock test_rlock test_rlock_locked_2processes test_lock_context
    test_rlock_context`,
  _TestSemaphore: 'test_semaphore test_bounded_semaphore test_timeout',
  _TestCondition: 'test_notify test_notify_all test_notify_n test_timeout test_waitfor test_waitfor_timeout test_wait_result',
  _TestEvent: 'test_event test_repr',
  _TestBarrier: `
    test_barrier test_barrier_10 test_wait_return test_action test_abort test_reset test_abort_and_reset test_timeout
    test_default_timeout test_single_thread test_thousand`,
  _TestValue: 'test_value test_rawvalue test_getobj_getlock',
  _TestArray: 'test_array test_array_from_size test_rawarray test_getobj_getlock_obj',
  _TestContainers: `
    test_list test_list_isinstance test_list_iter test_list_proxy_in_list test_dict test_dict_isinstance test_dict_iter
    test_dict_proxy_nested test_nested_queue test_namespace`,
  _TestPool: `
    test_apply test_map test_starmap test_starmap_async test_map_async test_map_async_callbacks test_map_unplicklable
    test_map_chunksize test_map_handle_iterable_exception test_async test_async_timeout test_imap test_imap_handle_iterable_exception
    test_imap_unordered test_imap_unordered_handle_iterable_exception test_make_pool test_terminate test_empty_iterable test_context
    test_traceback test_wrapped_exception test_map_no_failfast test_release_task_refs test_enter test_resource_warning`,
  _TestPoolWorkerErrors: 'test_async_error_callback test_unpickleable_result',
  _TestPoolWorkerLifetime: `
    test_pool_worker_lifetime test_pool_worker_lifetime_early_close test_pool_maxtasksperchild_invalid
    test_worker_finalization_via_atexit_handler_of_multiprocessing`,
  _TestMyManager: 'test_mymanager test_mymanager_context test_mymanager_context_prestarted',
  _TestRemoteManager: 'test_remote',
  _TestManagerRestart: 'test_rapid_restart',
  TestManagerExceptions: 'test_queue_get test_dispatch',
  _TestConnection: `
    test_connection test_duplex_false test_spawn_close test_sendbytes test_fd_transfer test_large_fd_transfer test_missing_fd_transfer
    test_context`,
  _TestListener: 'test_multiple_bind test_context test_empty_authkey test_abstract_socket',
  _TestListenerClient: 'test_listener_client test_issue14725 test_issue16955',
  _TestPoll: 'test_empty_string test_strings test_boundaries test_dont_merge',
  _TestPicklingConnections: 'test_pickling test_access',
  _TestHeap: 'test_heap test_free_from_gc',
  _TestSharedCTypes: 'test_sharedctypes test_synchronize test_copy',
  _TestSharedMemory: `
    test_shared_memory_name_with_embedded_null test_shared_memory_basics test_shared_memory_recreate
    test_invalid_shared_memory_creation test_shared_memory_pickle_unpickle test_shared_memory_pickle_unpickle_dead_object
    test_shared_memory_across_processes test_shared_memory_SharedMemoryServer_ignores_sigint
    test_shared_memory_SharedMemoryManager_reuses_resource_tracker test_shared_memory_SharedMemoryManager_basics
    test_shared_memory_ShareableList_basics test_shared_memory_ShareableList_pickling
    test_shared_memory_ShareableList_pickling_dead_object test_shared_memory_cleaned_after_process_termination
    test_shared_memory_untracking test_shared_memory_tracking`,
  _TestFinalize: 'test_finalize test_thread_safety',
  _TestImportStar: 'test_import',
  _TestLogging: 'test_enable_logging test_level test_filename',
  _TestPollEintr: 'test_poll_eintr',
  TestInvalidHandle: 'test_invalid_handles',
  TestBaseProcessKwargs: 'test_default_kwargs_not_shared_between_instances',
  OtherTest: 'test_deliver_challenge_auth_failure test_answer_challenge_auth_failure',
  ChallengeResponseTest: 'test_challengeresponse',
  TestInitializers: 'test_manager_initializer test_pool_initializer',
  TestStdinBadfiledescriptor: 'test_queue_in_process test_pool_in_process test_flushing',
  TestWait: 'test_wait test_wait_socket test_wait_slow test_wait_socket_slow test_wait_timeout test_wait_integer test_neg_timeout',
  TestInvalidFamily: 'test_invalid_family test_invalid_family_win32',
  TestFlags: 'test_flags',
  TestTimeouts: 'test_timeout',
  TestNoForkBomb: 'test_noforkbomb',
  TestForkAwareThreadLock: 'test_lock',
  TestCloseFds: 'test_closefd',
  TestIgnoreEINTR: 'test_ignore test_ignore_listener',
  TestStartMethod: `
    test_context test_spawn_dont_set_context test_freeze_support_dont_set_context test_context_check_module_types test_set_get
    test_get_all_start_methods test_preload_resources test_mixed_startmethod test_nested_startmethod`,
  TestResourceTracker: `
    test_resource_tracker test_resource_tracker_sigint test_resource_tracker_sigterm test_resource_tracker_sigkill
    test_resource_tracker_reused test_too_long_name_resource test_resource_tracker_exit_code test_resource_tracker_blocked_signals
    test_resource_tracker_fork_deadlock test_resource_tracker_mp_fork_reuse_and_prompt_reap test_resource_tracker_raw_fork_prompt_reap
    test_resource_tracker_lock_reinit_after_fork test_resource_tracker_safety_net_timeout`,
  TestSimpleQueue: 'test_empty_exceptions test_empty test_close test_closed',
  TestPoolNotLeakOnFailure: 'test_release_unused_processes',
  TestSyncManagerTypes: `
    test_event test_lock test_rlock test_semaphore test_bounded_semaphore test_condition test_barrier test_pool test_queue
    test_joinable_queue test_list test_dict test_value test_array test_namespace test_set test_set_init test_set_contain_all_method`,
  TestNamedResource: 'test_global_named_resource_spawn',
  _TestAtExit: 'test_atexit',
  _TestSpawnedSysPath: 'test_forkserver_preload_imports_sys_path test_child_sys_path test_std_streams_flushed_after_preload',
  MiscTestCase: `
    test__all__ test_spawn_sys_executable_none_allows_import test_large_pool test_forked_thread_not_started test_preload_main
    test_preload_main_sys_argv test_preload_main_large_sys_argv`,
  SemLockTests: 'test_semlock_subclass',
  TestSharedMemoryNames: 'test_that_shared_memory_name_with_colons_has_no_resource_tracker_errors',
  // test_multiprocessing_main_handling.py
  MultiProcessingCmdLineMixin: `
    test_basic_script test_basic_script_no_suffix test_ipython_workaround test_script_compiled test_directory test_directory_compiled
    test_zipfile test_zipfile_compiled test_module_in_package test_module_in_package_in_zipfile test_module_in_subpackage_in_zipfile
    test_package test_package_compiled`,
}

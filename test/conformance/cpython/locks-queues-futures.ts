// The tests of CPython 3.11 to 3.15 for what multiprocessing has in common with threading, queue and concurrent.futures: the names, by class.
export const LOCKS_QUEUES_FUTURES: Readonly<Record<string, string>> = {
  // test_concurrent_futures/executor.py
  ExecutorTest: `
    test_submit test_submit_keyword test_map test_map_exception test_map_timeout_from_callable test_map_timeout test_map_close
    test_map_buffersize_type_validation test_map_buffersize_value_validation test_map_buffersize
    test_map_buffersize_on_multiple_iterables test_map_buffersize_on_infinite_iterable
    test_map_buffersize_on_multiple_infinite_iterables test_map_buffersize_on_empty_iterable test_map_buffersize_without_iterable
    test_map_buffersize_when_buffer_is_full test_shutdown_race_issue12456 test_no_stale_references test_max_workers_negative
    test_free_reference test_swallows_falsey_exceptions`,
  // test_concurrent_futures/test_as_completed.py
  AsCompletedTests: `
    test_no_timeout test_future_times_out test_duplicate_futures test_free_reference_yielded_future test_correct_timeout_exception_msg`,
  // test_concurrent_futures/test_deadlock.py
  ExecutorDeadlockTest: `
    test_error_at_task_pickle test_exit_at_task_unpickle test_error_at_task_unpickle test_crash_at_task_unpickle
    test_crash_during_func_exec_on_worker test_exit_during_func_exec_on_worker test_error_during_func_exec_on_worker
    test_crash_during_result_pickle_on_worker test_exit_during_result_pickle_on_worker test_error_during_result_pickle_on_worker
    test_error_during_result_unpickle_in_result_handler test_exit_during_result_unpickle_in_result_handler test_shutdown_deadlock
    test_shutdown_deadlock_pickle test_crash_big_data test_gh105829_should_not_deadlock_if_wakeup_pipe_full`,
  // test_concurrent_futures/test_future.py
  FutureTests: `
    test_done_callback_with_result test_done_callback_with_exception test_done_callback_with_cancel test_done_callback_raises
    test_done_callback_already_successful test_done_callback_already_failed test_done_callback_already_cancelled
    test_done_callback_raises_already_succeeded test_repr test_cancel test_cancelled test_done test_running test_result_with_timeout
    test_result_with_success test_result_with_cancel test_exception_with_timeout test_exception_with_success test_multiple_set_result
    test_multiple_set_exception`,
  // test_concurrent_futures/test_init.py
  InitializerMixin: 'test_initializer',
  FailingInitializerMixin: 'test_initializer',
  FailingInitializerResourcesTest: 'test_spawn test_forkserver',
  // test_concurrent_futures/test_process_pool.py
  ProcessPoolExecutorTest: `
    test_max_workers_too_large test_killed_child test_broken_process_pool_traceback test_map_chunksize test_traceback
    test_traceback_when_child_process_terminates_abruptly test_ressources_gced_in_workers test_saturation test_idle_process_reuse_one
    test_idle_process_reuse_multiple test_max_tasks_per_child test_max_tasks_per_child_defaults_to_spawn_context
    test_max_tasks_per_child_pending_tasks_gh115634 test_shutdown_no_wait_max_tasks_gh119592
    test_gc_during_max_tasks_worker_exit_gh152967 test_force_shutdown_during_max_tasks_worker_exit
    test_failed_worker_replacement_breaks_pool test_max_tasks_early_shutdown test_python_finalization_error test_terminate_workers
    test_kill_workers test_force_shutdown_workers_invalid_op test_force_shutdown_workers test_force_shutdown_workers_dead_workers
    test_force_shutdown_workers_not_started_yet test_force_shutdown_workers_stops_pool`,
  // test_concurrent_futures/test_interpreter_pool.py
  InterpreterPoolExecutorTest: `
    test_init_func test_init_with___main___global test_init_closure test_init_instance_method test_init_exception_in_func
    test_submit_closure test_submit_local_instance test_submit_instance_method test_submit_func_globals test_submit_exception_in_func
    test_saturation test_blocking test_blocking_with_limited_workers test_idle_thread_reuse test_pickle_errors_propagate
    test_import_interpreter_pool_executor`,
  // test_concurrent_futures/test_shutdown.py
  ExecutorShutdownTest: `
    test_run_after_shutdown test_interpreter_shutdown test_submit_after_interpreter_shutdown test_hang_issue12364 test_cancel_futures
    test_hang_gh83386 test_hang_gh94440`,
  ThreadPoolShutdownTest: `
    test_threads_terminate test_context_manager_shutdown test_del_shutdown test_shutdown_no_wait test_thread_names_assigned
    test_thread_names_default test_cancel_futures_wait_false`,
  ProcessPoolShutdownTest: `
    test_processes_terminate test_context_manager_shutdown test_del_shutdown test_shutdown_no_wait test_shutdown_gh_132969_case_1
    test_shutdown_gh_132969_case_2`,
  // test_concurrent_futures/test_thread_pool.py
  ThreadPoolExecutorTest: `
    test_map_submits_without_iteration test_default_workers test_saturation test_idle_thread_reuse test_hang_global_shutdown_lock
    test_process_fork_from_a_threadpool test_executor_map_current_future_cancel`,
  // test_concurrent_futures/test_wait.py
  WaitTests: `
    test_20369 test_first_completed test_first_completed_some_already_completed test_first_exception
    test_first_exception_some_already_complete test_first_exception_one_already_failed test_all_completed test_timeout`,
  ThreadPoolWaitTests: 'test_pending_calls_race',
  // test_queue.py
  BaseQueueTestMixin: `
    test_queue_task_done test_queue_join test_basic test_negative_timeout_raises_exception test_nowait test_shrinking_queue
    test_shutdown_empty test_shutdown_nonempty test_shutdown_immediate test_shutdown_allowed_transitions
    test_shutdown_all_methods_in_one_thread test_shutdown_immediate_all_methods_in_one_thread
    test_shutdown_all_methods_in_many_threads test_shutdown_immediate_all_methods_in_many_threads test_shutdown_get
    test_shutdown_immediate_get test_shutdown_put test_shutdown_immediate_put test_shutdown_immediate_join test_shutdown_join
    test_shutdown_immediate_put_join test_shutdown_put_join test_shutdown_get_task_done_join test_shutdown_pending_get`,
  FailingQueueTest: 'test_failing_queue',
  BaseSimpleQueueTest: `
    test_basic test_negative_timeout_raises_exception test_order test_many_threads test_many_threads_nonblock
    test_many_threads_timeout test_references`,
  CSimpleQueueTest: 'test_is_default test_reentrancy',
  // lock_tests.py
  BaseLockTests: `
    test_constructor test_repr test_locked_repr test_acquire_destroy test_acquire_release test_try_acquire test_try_acquire_contended
    test_acquire_contended test_with test_thread_leak test_timeout test_weakref_exists test_weakref_deleted`,
  LockTests: 'test_reacquire test_different_thread test_state_after_timeout test_at_fork_reinit',
  RLockTests: `
    test_repr_count test_reacquire test_release_unacquired test_locked test_locked_with_2threads test_release_save_unacquired
    test_recursion_count test_different_thread test__is_owned`,
  EventTests: 'test_is_set test_notify test_timeout test_set_and_clear test_at_fork_reinit test_repr',
  ConditionTests: 'test_acquire test_unacquired_wait test_unacquired_notify test_notify test_timeout test_waitfor test_waitfor_timeout',
  BaseSemaphoreTests: `
    test_constructor test_acquire test_acquire_destroy test_acquire_contended test_multirelease test_try_acquire
    test_try_acquire_contended test_acquire_timeout test_default_value test_with`,
  SemaphoreTests: 'test_release_unacquired test_repr',
  BoundedSemaphoreTests: 'test_release_unacquired test_repr',
  BarrierTests: `
    test_constructor test_barrier test_barrier_10 test_wait_return test_action test_abort test_reset test_abort_and_reset test_timeout
    test_default_timeout test_single_thread test_repr`,
}

// Rows that are not ported, and why. A reason for a whole class stands in place of its rows.

/** By class: a reason for all of its rows, or reasons by row. */
export type Reasons = Readonly<Record<string, string | Readonly<Record<string, string>>>>

const COLLECTED = 'when an object is collected is Python’s to know: it counts references'
const OF_PYTHON = 'a detail of CPython’s own'
const NO_KEY = 'the template is reached by a pair of sockets that nobody else has: there is no key'
const NO_SYS_PATH = 'sys.path is Python’s; modules are found by URL here'
const NO_TRACKER = 'the tracker is told by datagrams: nothing of it is inherited, so nothing of it can be held open or locked'
const ONE_INPUT = 'map has one input; several are one of lists, for starmap'
const NOT_BY_HAND = 'only executors make futures and end them'
const NO_PREFIX = 'workers have names like all processes; there is no prefix for them'
const NO_MODULE_RUN = 'Node has no python -m'

/** There is nothing here for which they could be true or false. */
export const NOT_PORTABLE: Reasons = {
  TestInternalDecorators: 'they test CPython’s test decorators',
  _TestProcess: {
    test_lose_target_ref: COLLECTED,
    test_forkserver_auth_is_enabled: NO_KEY,
    test_forkserver_without_auth_fails: NO_KEY,
  },
  TestBaseProcessKwargs: 'functions here have no keyword arguments',
  TestStartMethod: { test_freeze_support_dont_set_context: 'there is nothing to be frozen, and no freeze_support()' },
  _TestPool: { test_release_task_refs: COLLECTED, test_resource_warning: COLLECTED },
  TestManagerExceptions: COLLECTED,
  _TestHeap: { test_free_from_gc: 'finalizers do not run within an allocation here' },
  _TestFinalize: { test_thread_safety: 'threads here have no heap in common' },
  _TestLogging: { test_filename: 'Python’s logging looks up the stack for a file name; records here have none' },
  TestStdinBadfiledescriptor: { test_flushing: 'it tests a class that the test itself defines' },
  TestTimeouts: 'Node’s sockets have no default timeout for all',
  TestResourceTracker: {
    test_resource_tracker_blocked_signals: 'Node does not give out the signal mask',
    test_resource_tracker_fork_deadlock: NO_TRACKER,
    test_resource_tracker_mp_fork_reuse_and_prompt_reap: NO_TRACKER,
    test_resource_tracker_raw_fork_prompt_reap: NO_TRACKER,
    test_resource_tracker_lock_reinit_after_fork: NO_TRACKER,
    test_resource_tracker_safety_net_timeout: NO_TRACKER,
  },
  _TestSpawnedSysPath: { test_forkserver_preload_imports_sys_path: NO_SYS_PATH, test_child_sys_path: NO_SYS_PATH },
  MiscTestCase: {
    test_spawn_sys_executable_none_allows_import: OF_PYTHON,
    test_forked_thread_not_started: 'a Worker starts when it is made: there is none that has not been started',
  },
  TestInvalidFamily: { test_invalid_family_win32: 'a test for Windows' },
  SemLockTests: 'a type of CPython’s C module',
  MultiProcessingCmdLineMixin: {
    test_ipython_workaround: OF_PYTHON,
    test_script_compiled: OF_PYTHON,
    test_directory_compiled: OF_PYTHON,
    test_zipfile: 'Node runs no zip files',
    test_zipfile_compiled: 'Node runs no zip files',
    test_module_in_package_in_zipfile: 'Node runs no zip files',
    test_module_in_subpackage_in_zipfile: 'Node runs no zip files',
    test_package_compiled: OF_PYTHON,
    test_module_in_package: NO_MODULE_RUN,
    test_package: NO_MODULE_RUN,
  },
  BaseLockTests: { test_weakref_deleted: COLLECTED },
  LockTests: { test_at_fork_reinit: 'locks are shared with a forked child, and are not made anew there' },
  RLockTests: {
    test_release_save_unacquired: 'a private method; what it is for is in _TestCondition and ConditionTests',
    test_recursion_count: 'a private method; the count is shown: RLockTests.test_repr_count',
    test__is_owned: 'a private method',
  },
  EventTests: { test_at_fork_reinit: 'events are shared with a forked child, and are not made anew there' },
  _TestQueue: { test_queue_feeder_on_queue_feeder_error: 'there is no feeder thread, and no hook for its errors: put() throws them' },
  TestSimpleQueue: { test_closed: 'private members; that it is closed is in test_close' },
  BaseQueueTestMixin: { test_shrinking_queue: 'maxSize is given once and cannot be written' },
  FailingQueueTest: 'it overrides the private methods that Python’s queue stores its items with',
  BaseSimpleQueueTest: { test_references: COLLECTED },
  CSimpleQueueTest: OF_PYTHON,
  ExecutorTest: {
    test_no_stale_references: COLLECTED,
    test_free_reference: COLLECTED,
    test_map_buffersize_on_multiple_infinite_iterables: ONE_INPUT,
    test_map_buffersize_without_iterable: ONE_INPUT,
  },
  FutureTests: { test_multiple_set_result: NOT_BY_HAND, test_multiple_set_exception: NOT_BY_HAND },
  ThreadPoolShutdownTest: {
    test_del_shutdown: COLLECTED,
    test_thread_names_assigned: NO_PREFIX,
    test_thread_names_default: NO_PREFIX,
  },
  ProcessPoolShutdownTest: { test_del_shutdown: COLLECTED },
  AsCompletedTests: { test_free_reference_yielded_future: COLLECTED },
  ProcessPoolExecutorTest: {
    test_max_workers_too_large: 'a limit of Windows',
    test_ressources_gced_in_workers: COLLECTED,
    test_max_tasks_per_child_defaults_to_spawn_context: 'workers of every start method can be replaced here',
    test_gc_during_max_tasks_worker_exit_gh152967: COLLECTED,
    test_failed_worker_replacement_breaks_pool: 'it replaces a private method by one that fails',
    test_force_shutdown_workers_invalid_op: 'a private method; there are terminateWorkers() and killWorkers()',
    test_python_finalization_error: OF_PYTHON,
  },
  ExecutorDeadlockTest: {
    test_exit_during_result_unpickle_in_result_handler: 'process.exit() ends the process that reads a result: it is no exception',
  },
  InterpreterPoolExecutorTest: { test_import_interpreter_pool_executor: OF_PYTHON },
  ThreadPoolExecutorTest: {
    test_hang_global_shutdown_lock: OF_PYTHON,
    test_process_fork_from_a_threadpool: 'fork is for the main thread: Node’s other threads cannot be forked',
  },
}

const CONNECTIONS = 'pipes, connections and listeners are not there yet'
const MANAGERS = 'managers are not there yet'
const NEXT = 'not ported yet'

/** What they are about is not there yet, or they are still to be ported. */
export const NOT_YET: Reasons = {
  _TestConnection: CONNECTIONS,
  _TestPoll: CONNECTIONS,
  _TestPollEintr: CONNECTIONS,
  _TestPicklingConnections: CONNECTIONS,
  TestInvalidHandle: CONNECTIONS,
  TestIgnoreEINTR: { test_ignore: CONNECTIONS },
  _TestContainers: MANAGERS,
  _TestMyManager: MANAGERS,
  _TestRemoteManager: MANAGERS,
  _TestManagerRestart: MANAGERS,
  TestSyncManagerTypes: MANAGERS,
  TestInitializers: { test_manager_initializer: MANAGERS },
  _TestSharedMemory: {
    test_shared_memory_SharedMemoryServer_ignores_sigint: MANAGERS,
    test_shared_memory_SharedMemoryManager_reuses_resource_tracker: MANAGERS,
    test_shared_memory_SharedMemoryManager_basics: MANAGERS,
  },
  TestResourceTracker: NEXT,
  TestNamedResource: NEXT,
  _TestProcess: NEXT,
  TestStartMethod: NEXT,
  TestStdinBadfiledescriptor: NEXT,
  MiscTestCase: NEXT,
  _TestFinalize: NEXT,
  _TestImportStar: NEXT,
}

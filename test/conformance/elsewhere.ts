// Rows that are ported among the tests of their floor, under titles of their own: a row stands under the title of the test that looks at
// most of it.

/** The file below test/, and what the title says there. */
export type Place = readonly [file: string, title: string]

export const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, Place>>>> = {
  _TestProcess: {
    test_current: ['process/identity.test.ts', 'the main process is alive, no daemon, has a key and no parent'],
    test_set_executable: ['context/contexts.test.ts', 'is what is started'],
    test_args_argument: ['process/targets.test.ts', 'arguments of many kinds reach the target as they were'],
    test_daemon_argument: ['process/identity.test.ts', 'daemon is given or set before the start'],
    test_parent_process_attributes: ['process/identity.test.ts', 'a child knows its name, its parent and how it was started'],
    test_process: ['process/life.test.ts', 'a process is not started, then runs, then has ended, and says so'],
    test_process_mainthread_native_id: ['process/identity.test.ts', 'a child runs in another thread of the operating system'],
    test_interrupt: ['process/life.test.ts', 'a child with handlers for SIGINT and SIGTERM decides itself'],
    test_interrupt_no_handler: ['process/process.test.ts', 'ends a child, also a busy one, and its exit code is'],
    test_terminate: ['process/process.test.ts', 'ends a child, also a busy one, and its exit code is'],
    test_kill: ['process/process.test.ts', 'ends a child, also a busy one, and its exit code is'],
    test_cpu_count: ['base/deadline.test.ts', 'the count of processors is an integer from 1 up to what the cgroup allows'],
    test_active_children: [
      'process/identity.test.ts',
      'activeChildren lists those that were started here and run, and not those of children',
    ],
    test_recursion: ['process/many.test.ts', 'processes start processes, two levels deep, in order'],
    test_sentinel: ['process/life.test.ts', 'its sentinel is there from the start on and knows the end'],
    test_close: ['process/life.test.ts', 'close() is refused while it runs, and ends all use afterwards'],
    test_many_processes: ['process/many.test.ts', 'many children at once all end, each with its own exit code'],
    test_child_fd_inflation: ['process/many.test.ts', 'children that run beside one another do not have one another’s descriptors'],
    test_wait_for_threads: ['process/targets.test.ts', 'a child ends when nothing holds its event loop any more, and not before'],
    test_error_on_stdio_flush_2: ['process/targets.test.ts', 'a child that destroys its standard output and error ends well'],
    test_forkserver_sigint: ['context/forkserver.test.ts', 'SIGINT to the template changes nothing'],
    test_forkserver_sigkill: ['context/forkserver.test.ts', 'when the template is killed its children go on, their ends are told'],
  },
  _TestSubclassingProcess: {
    test_subclassing: ['process/targets.test.ts', 'a subclass has a run() of its own and its fields'],
    test_stderr_flush: ['process/streams.test.ts', 'an error that nobody catches is on the piped standard error, with all of its stack'],
    test_sys_exit: ['process/targets.test.ts', 'process.exit(n), process.exitCode and errors are the exit code'],
  },
  ChallengeResponseTest: {
    test_challengeresponse: ['connection/handshake/digests.test.ts', 'is Python’s, and so is the one of an older Python'],
  },
  _TestSharedMemory: {
    test_shared_memory_cleaned_after_process_termination: [
      'value/named/tracking.test.ts',
      'for a program and its group: what it made is unlinked',
    ],
    test_shared_memory_untracking: [
      'value/named/tracking.test.ts',
      'a program that attaches leaves the memory to its makers, unless it says',
    ],
    test_shared_memory_tracking: [
      'value/named/tracking.test.ts',
      'a program that attaches leaves the memory to its makers, unless it says',
    ],
  },
  TestSharedMemoryNames: {
    test_that_shared_memory_name_with_colons_has_no_resource_tracker_errors: [
      'value/named/shared-memory.test.ts',
      'names may have colons, line breaks, spaces and other letters in them',
    ],
  },
  TestResourceTracker: {
    test_resource_tracker: ['value/named/tracking.test.ts', 'what a program forgets is unlinked at its end, with a warning'],
    test_resource_tracker_sigint: ['value/named/tracking.test.ts', 'for a program and its group: what it made is unlinked'],
    test_resource_tracker_sigterm: ['value/named/tracking.test.ts', 'for a program and its group: what it made is unlinked'],
  },
  _TestLogging: {
    test_enable_logging: ['context/logging.test.ts', 'the logger gives its sink what is at its level or above'],
    test_level: ['context/logging.test.ts', 'a child starts with the level of its parent'],
  },
  _TestAtExit: { test_atexit: ['process/targets.test.ts', 'exit handlers of the target run once, at its end and at process.exit()'] },
  TestStdinBadfiledescriptor: { test_pool_in_process: ['process/family.test.ts', 'a child starts processes and pools of its own'] },
  TestFlags: { test_flags: ['process/family.test.ts', 'a child’s node is started with'] },
  TestNoForkBomb: {
    test_noforkbomb: [
      'context/main-modules.test.ts',
      'a child that imports the main module all the same starts nothing there, and says why',
    ],
  },
  TestForkAwareThreadLock: { test_lock: ['context/fork.test.ts', 'five generations of forks each fork the next'] },
  TestCloseFds: { test_closefd: ['process/many.test.ts', 'only a forked child has the files that its parent opened'] },
  TestStartMethod: {
    test_context: ['context/contexts.test.ts', 'a context is one object with a start method, and is what it was asked for'],
    test_spawn_dont_set_context: ['context/contexts.test.ts', 'processes and pools of a context leave the default open'],
    test_context_check_module_types: [
      'context/contexts.test.ts',
      'the modules to preload are strings or URLs, and the executable is a path',
    ],
    test_set_get: ['context/contexts.test.ts', 'the method that is set is how Process and Pool start'],
    test_get_all_start_methods: ['context/contexts.test.ts', 'there are four start methods here, the default first'],
    test_preload_resources: ['context/forkserver.test.ts', 'what is preloaded is loaded once, in the template, and is in every child'],
    test_mixed_startmethod: ['process/many.test.ts', 'a shared word of one context is used by processes of all others at once'],
  },
  _TestSpawnedSysPath: {
    test_std_streams_flushed_after_preload: [
      'context/forkserver.test.ts',
      'what is preloaded is loaded once, in the template, and is in every child',
    ],
  },
  MiscTestCase: {
    test__all__: ['pool/package.test.ts', 'the package exports what the sources do, and nothing else'],
    test_preload_main_large_sys_argv: ['context/forkserver.test.ts', 'a program with very many arguments starts children, which have them'],
  },
  MultiProcessingCmdLineMixin: {
    test_basic_script: ['context/main-modules.test.ts', 'an ES module'],
    test_basic_script_no_suffix: ['context/main-modules.test.ts', 'a relative path, and one without its extension'],
    test_directory: ['context/main-modules.test.ts', 'a folder with an index.js'],
  },
}

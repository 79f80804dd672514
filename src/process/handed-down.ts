/** The descriptor under which a fresh child finds the arena. */
export const ARENA_FD = 3

/** What stands before a fresh child's id on its command line. */
export const CHILD_MARKER = '--polyprocess-child='

/*
 * Shared memory: anonymous files that a tree of processes inherits, named files that strangers
 * can open, and one-byte locks that vanish with the process that took them.
 *
 * None of these calls waits. EINTR is retried inside. Any thread may call any of them. A
 * descriptor or a mapping that is handed out belongs to the caller.
 */
#ifndef MP_MEMORY_H
#define MP_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* An anonymous, close-on-exec file of no bytes that can grow but never shrink. */
int mp_memory_create(const char *name, int *descriptor);

/* At least `size` bytes long from now on. Several processes may grow one file at a time: asking
 * for less than there already is succeeds and changes nothing. */
int mp_memory_grow(int descriptor, uint64_t size);

/* Exactly `size` bytes long. -EPERM on an anonymous file that would shrink. */
int mp_memory_truncate(int descriptor, uint64_t size);

int mp_memory_size(int descriptor, uint64_t *size);

/* Maps readable, writable and shared. `offset` must be a multiple of the page size (-EINVAL).
 * Touching a page beyond the end of the file raises SIGBUS, so grow first. */
int mp_memory_map(int descriptor, uint64_t offset, size_t length, void **address);

int mp_memory_unmap(void *address, size_t length);

/* Copies `length` bytes to the file, which grows if it has to. Where a page of an anonymous file is
 * not there yet this is twice as fast as through a mapping: no page fault, and no zeros before the
 * bytes. On failure (-ENOSPC, -ENOMEM) some of them may have been copied. */
int mp_memory_write(int descriptor, uint64_t offset, const void *bytes, size_t length);

/* Asks for large pages under private memory that nobody has touched yet: the system makes 64 MB of
 * them in a fifth of the time. Whole ones within the bytes only. A system that has none, or gives
 * none to who asks, is no error. */
void mp_memory_enlarge_pages(void *address, size_t length);

/* Gives whole pages back to the system; the range reads as zeros afterwards, its length stays. */
int mp_memory_punch(int descriptor, uint64_t offset, uint64_t length);

/* Opens the POSIX shared memory object `name`, one leading slash allowed, as shm_open does.
 * `create`: it must not exist yet (-EEXIST). -EINVAL for a name that is no plain file name. */
int mp_memory_open_named(const char *name, bool create, int *descriptor);

int mp_memory_unlink_named(const char *name);

/* A file beside the named ones that has no name yet: it goes with its last descriptor and mapping
 * unless mp_memory_link_named gives it one. So nobody ever opens it before it has its size. */
int mp_memory_open_unnamed(int *descriptor);

/* Names it in one step; -EEXIST when the name is taken. */
int mp_memory_link_named(int descriptor, const char *name);

/* Which file this is, as text without spaces: the same text is the same file. A name may come to
 * mean another file, and then says another identity. */
enum { MP_IDENTITY = 48 };
int mp_memory_identity(int descriptor, char identity[MP_IDENTITY]);

/* Unlinks the name if it still means this file, otherwise -ENOENT. (Nothing in Linux looks and
 * unlinks in one step: a name that changes hands in between is unlinked.) */
int mp_memory_unlink_same(const char *name, const char *identity);

/* Locks one byte of the file for this process; -EAGAIN when another process has it. The kernel
 * drops the lock when the process dies, and also when the process closes ANY descriptor of the
 * same file: never close one while a lock matters. Threads of one process share the lock, fork
 * does not inherit it. */
int mp_byte_lock(int descriptor, uint64_t offset);

int mp_byte_unlock(int descriptor, uint64_t offset);

/* Which other process holds the byte: 0 none (or this process), -1 one that this pid namespace
 * cannot see. */
int mp_byte_lock_owner(int descriptor, uint64_t offset, pid_t *owner);

#endif

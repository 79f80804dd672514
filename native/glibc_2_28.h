/*
 * Included before every source of the addon. glibc 2.32 and 2.34 gave these functions new symbol
 * versions when they moved from libpthread to libc, without changing them; binding the old
 * versions lets an addon built on a new system load on an old one. Node itself loads libpthread.
 */
__asm__(".symver pthread_create, pthread_create@GLIBC_2.2.5");
__asm__(".symver pthread_join, pthread_join@GLIBC_2.2.5");
__asm__(".symver pthread_sigmask, pthread_sigmask@GLIBC_2.2.5");

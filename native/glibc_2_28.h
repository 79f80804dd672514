/*
 * Included before every source of the addons. glibc 2.32 and 2.34 gave these functions new symbol
 * versions when they moved from libpthread and libdl to libc, without changing them; binding the
 * old versions lets an addon built on a new system load on an old one. Node itself loads both.
 */
__asm__(".symver pthread_create, pthread_create@GLIBC_2.2.5");
__asm__(".symver pthread_join, pthread_join@GLIBC_2.2.5");
__asm__(".symver pthread_sigmask, pthread_sigmask@GLIBC_2.2.5");
__asm__(".symver pthread_condattr_setclock, pthread_condattr_setclock@GLIBC_2.3.3");
__asm__(".symver dlsym, dlsym@GLIBC_2.2.5");

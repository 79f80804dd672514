/*
 * Where libuv keeps what it says to nobody: the pipe of caught signals, `signal_pipefd` of
 * uv_loop_t, and how many messages of one handle went into it, `caught_signals` of uv_signal_t.
 * Private fields, at the same place from 1.46 (Node 20) to 1.52 (Node 26). The fork addon, which is
 * compiled with each version's own uv.h, does not compile where that is not true, and the addon
 * looks at what it finds before it believes it. Includes nothing: goes with uv.h and with uv_abi.h.
 */
#ifndef MP_UV_LAYOUT_H
#define MP_UV_LAYOUT_H

enum { MP_UV_SIGNAL_NUMBER = 104, MP_UV_SIGNALS_CAUGHT = 144 };

/* Behind locks of the C library, whose sizes depend on the processor. 0: not known for this one. */
#ifdef __x86_64__
enum { MP_UV_SIGNAL_PIPE = 552 };
#else
enum { MP_UV_SIGNAL_PIPE = 0 };
#endif

#endif

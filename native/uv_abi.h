/*
 * The few functions of libuv that the addon calls, declared here because the header package of
 * Node-API has no uv.h. libuv's ABI is stable for a major version and every supported Node has
 * libuv 1: the functions, UV_READABLE, UV_WRITABLE and the order of the handle types have not
 * changed since 1.0, the sizes of handles are asked for at run time.
 */
#ifndef MP_UV_ABI_H
#define MP_UV_ABI_H

#include <stddef.h>

typedef struct uv_loop_s uv_loop_t;
typedef struct uv_handle_s uv_handle_t; /* a uv_poll_t is used by this name, too */

typedef void (*uv_close_cb)(uv_handle_t *handle);
typedef void (*uv_poll_cb)(uv_handle_t *handle, int status, int events);

enum { MP_UV_READABLE = 1, MP_UV_WRITABLE = 2, MP_UV_POLL = 8, MP_UV_SIGNAL = 16 };

size_t uv_loop_size(void);
size_t uv_handle_size(int type);
void uv_handle_set_data(uv_handle_t *handle, void *data);
void *uv_handle_get_data(const uv_handle_t *handle);
void uv_ref(uv_handle_t *handle);
void uv_unref(uv_handle_t *handle);
void uv_close(uv_handle_t *handle, uv_close_cb callback);
int uv_poll_init(uv_loop_t *loop, uv_handle_t *handle, int descriptor);
int uv_poll_start(uv_handle_t *handle, int events, uv_poll_cb callback);
int uv_poll_stop(uv_handle_t *handle);

#endif

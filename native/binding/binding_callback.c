/* Calling JavaScript from the event loop. */
#include "binding.h"

/* As Node does with any callback that throws: 'uncaughtException'. A terminating Worker has no
 * exception to report, only the order to stop. */
void mp_report_exception(napi_env env) {
  napi_value exception = NULL;
  if (napi_get_and_clear_last_exception(env, &exception) != napi_ok) return;
  (void)napi_fatal_exception(env, exception); /* refused only when the environment ends */
}

/* In a child that was forked inside of the callback, what ends the parent's JavaScript on its stack
 * looks like an exception that is null. */
static void end_unwinding(napi_env env) {
  napi_value exception = NULL;
  napi_valuetype type = napi_undefined;
  if (napi_get_and_clear_last_exception(env, &exception) != napi_ok) return;
  if (napi_typeof(env, exception, &type) == napi_ok && type == napi_null) return;
  (void)napi_fatal_exception(env, exception); /* refused only when the environment ends */
}

void mp_call_back(struct mp_instance *instance, napi_async_context context, napi_ref function,
                  size_t count, const napi_value *arguments) {
  napi_env env = instance->env;
  int generation = instance->generation;
  napi_value callback = NULL;
  napi_value receiver = NULL;
  napi_status status = napi_get_reference_value(env, function, &callback);
  if (status == napi_ok) status = napi_get_global(env, &receiver);
  if (status == napi_ok) {
    status = napi_make_callback(env, context, receiver, callback, count, arguments, NULL);
  }
  if (status != napi_pending_exception) return;
  if (instance->generation != generation) end_unwinding(env);
  else mp_report_exception(env);
}

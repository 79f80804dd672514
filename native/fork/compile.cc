/* V8 compiles a function when it is first called, and what a child compiles it throws away with
 * itself. So the parent has the functions that its children will call first compiled, once for all
 * of them. V8 has no call for that, but an order: a call compiles first, then looks whether it has
 * been terminated, and then begins. A function that is called while JavaScript is being terminated
 * is compiled and never begins, its default values and the rest of its head included. One that is not
 * JavaScript would run: it has no script. */
#include "fork.h"

namespace polyprocess {

/* While a debugger has stopped the program V8 looks for terminations only later. */
bool CanCompileAhead(v8::Isolate *isolate, InterruptChance *chance) {
  isolate->TerminateExecution();
  bool has_run = chance->Give();
  isolate->CancelTerminateExecution();
  return !has_run;
}

void CompileFunction(v8::Isolate *isolate, v8::Local<v8::Function> function) {
  if (function->ScriptId() == v8::UnboundScript::kNoScriptId) return;
  v8::TryCatch terminated(isolate);
  isolate->TerminateExecution();
  v8::MaybeLocal<v8::Value> never =
      function->Call(isolate->GetCurrentContext(), v8::Undefined(isolate), 0, nullptr);
  (void)never;
  isolate->CancelTerminateExecution();
}

} // namespace polyprocess

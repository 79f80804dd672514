#include "mp_features.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

#include "mp_futex.h"
#include "system_calls.h"

static void probe_memory(struct mp_features *features) {
  int memory = memfd_create("polyprocess-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  features->memfd = memory >= 0;
  if (memory < 0) return;
  features->seals = fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK) == 0;
  (void)close(memory); /* an empty file that nobody else knows */
}

static void probe_pidfd(struct mp_features *features) {
  int self = mp_sys_pidfd_open(getpid());
  features->pidfd_open = self >= 0;
  if (self < 0) return;
  features->pidfd_signal = mp_sys_pidfd_send_signal(self, 0) == 0;
  /* Nobody is a child of itself: ECHILD shows that the kernel knew what was asked, a kernel
   * without P_PIDFD says EINVAL. */
  siginfo_t information;
  features->waitid_pidfd =
      waitid(MP_P_PIDFD, (id_t)self, &information, WEXITED | WNOHANG) < 0 && errno == ECHILD;
  (void)close(self); /* only this process's handle on itself */
}

void mp_features_probe(struct mp_features *features) {
  memset(features, 0, sizeof *features);
  probe_memory(features);
  int32_t word = 0;
  int32_t woken = 0;
  features->futex = mp_futex_wake(&word, 1, &woken) == 0;
  probe_pidfd(features);
  /* No process can have this descriptor, so nothing is closed. */
  features->close_range = mp_sys_close_range(UINT_MAX, UINT_MAX, 0) == 0;
}

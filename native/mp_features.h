/*
 * What this kernel, with its sandbox and security modules, really lets us do: each is tried.
 * Does not wait, has no lasting effect, and any thread may call it.
 */
#ifndef MP_FEATURES_H
#define MP_FEATURES_H

#include <stdbool.h>

struct mp_features {
  bool memfd;
  bool seals;
  bool futex;
  bool pidfd_open;
  bool pidfd_signal;
  bool waitid_pidfd;
  bool close_range;
};

void mp_features_probe(struct mp_features *features);

#endif

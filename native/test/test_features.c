#include <unistd.h>

#include "mp_descriptor.h"
#include "mp_features.h"
#include "mp_memory.h"
#include "mp_process.h"
#include "runner.h"

/* What the probe says must be what the calls then do. */
static void tells_the_truth(void) {
  struct mp_features features;
  int memory = -1;
  int pidfd = -1;
  mp_features_probe(&features);
  bool has_memory = mp_memory_create("polyprocess-test", &memory) == 0;
  bool has_pidfd = mp_pidfd_open(getpid(), &pidfd) == 0;
  EXPECT_EQUAL(features.memfd && features.seals, has_memory);
  EXPECT_EQUAL(features.pidfd_open, has_pidfd);
  EXPECT(features.futex);
  if (has_pidfd) EXPECT_EQUAL(features.pidfd_signal, mp_pidfd_signal(pidfd, 0) == 0);
  if (has_memory) EXPECT_EQUAL(mp_descriptor_close(memory), 0);
  if (has_pidfd) EXPECT_EQUAL(mp_descriptor_close(pidfd), 0);
}

TEST_FILE(features_tests, "features", {"what is found is what works", tells_the_truth});

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "mp_names.h"
#include "tracker.h"

/* Between two looks whether the tree is over, in milliseconds; twice as long each time. */
enum { FIRST_LOOK = 1, LONGEST_LOOK = 128 };

static void take_messages(const struct tree *tree, struct table *table) {
  char message[MP_NAMES_MESSAGE];
  while (mp_names_receive(tree->socket, message) == 0) {
    if (table_apply(table, message) != -ENOMEM) continue;
    (void)fputs("polyprocess-names: no memory to track a shared memory segment\n", stderr);
  }
}

/* Every process of the tree holds a lock on a byte of the arena's file, and the kernel drops it
 * with the process. */
static bool is_over(const struct tree *tree) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
  return fcntl(tree->arena, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK;
}

static void wait_for_news(struct tree *tree, int timeout) {
  struct pollfd sources[] = {{.fd = tree->socket, .events = POLLIN},
                             {.fd = tree->main, .events = POLLIN}};
  /* Interrupted, or short of memory for a moment: the caller looks and waits again. */
  if (poll(sources, tree->main >= 0 ? 2 : 1, timeout) <= 0) return;
  if (tree->main < 0 || sources[1].revents == 0) return;
  (void)close(tree->main); /* a pidfd */
  tree->main = -1;
}

void serve(struct tree *tree, struct table *table) {
  for (int pause = FIRST_LOOK;;) {
    bool over = tree->main < 0 && is_over(tree);
    /* After the look: what was said by those who were still there is in the queue. */
    take_messages(tree, table);
    if (over) return;
    wait_for_news(tree, tree->main >= 0 ? -1 : pause);
    if (tree->main < 0 && pause < LONGEST_LOOK) pause *= 2;
  }
}

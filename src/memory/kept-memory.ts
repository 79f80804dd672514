// Ranges that are freed keep their pages, up to a limit, because the next large message is most probably as large as the last: making 64 MB of
// pages and giving them back takes ten times as long as writing to them. What has not been used for a while goes back to the system. The
// process that frees sees to that in its event loop; one that ends sooner leaves it to the next that frees a range, or to the tree's end.
import { atFork } from '../base/at-fork.ts'

/** Pages of the tree stay for as long, at least, after the last range was freed by this process. */
const KEPT_FOR = 2000

let timer: NodeJS.Timeout | null = null

// The parent's timers are not the child's.
atFork({
  inChild() {
    timer = null
  },
})

/** Runs `giveBack` when this has not been called for a while. Keeps no process alive. */
export function giveBackLater(giveBack: () => void): void {
  if (timer !== null) {
    timer.refresh()
    return
  }
  timer = setTimeout(() => {
    timer = null
    giveBack()
  }, KEPT_FOR)
  timer.unref()
}

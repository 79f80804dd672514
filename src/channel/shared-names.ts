// Named shared memory travels inside the tree as what leads to it. The receiver attaches to the very same memory, or gets an error.
import { attachTo, ShareableList } from '../value/named/shareable-list.ts'
import { followLink, linkTo, SharedMemory } from '../value/named/shared-memory.ts'
import { teach } from './teach.ts'

teach('SharedMemory', SharedMemory, linkTo, followLink)
teach(
  'ShareableList',
  ShareableList,
  list => linkTo(list.shm),
  link => attachTo(followLink(link)),
)

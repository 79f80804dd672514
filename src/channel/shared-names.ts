// Named shared memory travels inside the tree as what leads to it. The receiver attaches to the very same memory, or gets an error.
import { attachTo, ShareableList } from '../value/named/shareable-list.ts'
import { followLink, linkTo, SharedMemory } from '../value/named/shared-memory.ts'
import { registerClass } from '../wire/classes.ts'
import { nameIntrinsic } from '../wire/modules/well-known.ts'

nameIntrinsic('%polyprocess.SharedMemory%', SharedMemory)
nameIntrinsic('%polyprocess.ShareableList%', ShareableList)
registerClass(SharedMemory as unknown as abstract new () => SharedMemory, { reduce: linkTo, rebuild: followLink })
registerClass(ShareableList, { reduce: list => linkTo(list.shm), rebuild: link => attachTo(followLink(link)) })

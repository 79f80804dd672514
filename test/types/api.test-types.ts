// Never run, only compiled: what callers' types are, and what must not compile. A check that no longer holds fails `tsc`.
import {
  type AsyncResult,
  type Address,
  answerChallenge,
  BrokenPoolError,
  Client,
  ClientSync,
  closeShared,
  type Connection,
  cpuCount,
  defineStruct,
  deliverChallenge,
  type FunctionReference,
  getContext,
  Listener,
  Lock,
  lockOf,
  type Items,
  JoinableQueue,
  type MapOptions,
  MultiprocessingError,
  NotSerializableError,
  Pool,
  type PoolOptions,
  Process,
  type Queue,
  RawArray,
  RawValue,
  type Reducible,
  type RLock,
  RemoteError,
  type ResultStream,
  rebuild,
  reduce,
  reference,
  registerClass,
  type ShareableItem,
  ShareableList,
  SharedMemory,
  SharedArray,
  type StructArray,
  type StructValue,
  setChecked,
  share,
  SimpleQueue,
  type StreamOptions,
  Value,
  WorkerDiedError,
} from '../../src/index.ts'
import { asCompleted, Future, ProcessPoolExecutor, ThreadPoolExecutor, waitFutures, waitFuturesSync } from '../../src/futures.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

function is<A>(): <B>(value: B, sameType: Equal<A, B>) => void {
  return () => {}
}

export async function poolTypes(): Promise<void> {
  const options: PoolOptions = { processes: cpuCount(), env: { A: 'a', B: undefined }, execArgv: ['--no-warnings'] }
  const pool = new Pool(options)
  is<number[]>()(await pool.map(x => x * x, [1, 2, 3]), true)
  is<string[]>()(await pool.map(async (x: number) => `${x}`, new Set([1]), { chunkSize: 10 }), true)
  is<number[]>()(await pool.map(Math.sqrt, [1]), true)
  is<string[]>()(await pool.map((x: number) => String(x), numbersLater()), true)
  is<number>()(await pool.apply((a: number, b?: string) => a + (b?.length ?? 0), [1]), true)
  is<boolean>()(await pool.apply(() => true), true)
  is<boolean>()(await pool.apply(async () => true, []), true)
  // @ts-expect-error the arguments are missing
  void pool.apply((a: number) => a)
  // @ts-expect-error a string is no number
  void pool.apply((a: number) => a, ['x'])
  // @ts-expect-error one argument too many
  void pool.apply((a: number) => a, [1, 2])
  // @ts-expect-error items of the wrong type
  void pool.map((a: number) => a, ['x'])
  // @ts-expect-error no such option
  void pool.map((a: number) => a, [1], { chunks: 1 })
  // @ts-expect-error no such option
  new Pool({ workers: 1 })
  is<ResultStream<string>>()(
    pool.imap((x: number) => String(x), [1, 2], { maxPending: 8 }),
    true,
  )
  for await (const text of pool.imap((x: number) => String(x), [1, 2])) is<string>()(text, true)
  for await (const text of pool.imapUnordered(async (x: number) => String(x), numbersLater())) is<string>()(text, true)
  const next = await pool.imap(Math.sqrt, [1]).next({ timeout: 5 })
  if (next.done !== true) is<number>()(next.value, true)
  pool.terminate()
  pool.close()
  is<boolean>()(await pool.join({ timeout: 1 }), true)
  is<boolean>()(pool.joinSync({ timeout: 1 }), true)
  await pool[Symbol.asyncDispose]()
}

export async function blockingTypes(pool: Pool): Promise<void> {
  is<number>()(
    pool.applySync(async (a: number) => a, [1]),
    true,
  )
  is<string[]>()(
    pool.mapSync(async (x: number) => String(x), new Set([1]), { chunkSize: 10 }),
    true,
  )
  is<number[]>()(
    pool.starmapSync((a: number, b: number) => a + b, [[1, 2]]),
    true,
  )
  for (const text of pool.imapSync((x: number) => String(x), [1])) is<string>()(text, true)
  for (const text of pool.imapUnorderedSync(async (x: number) => String(x), [1])) is<string>()(text, true)
  // @ts-expect-error it blocks: nobody could abort it
  pool.applySync(() => 1, [], { signal: new AbortController().signal })
  // @ts-expect-error what comes asynchronously cannot come
  pool.mapSync((x: number) => x, numbersLater())
  const result = pool.applyAsync((x: number) => String(x), [1], { callback: text => is<string>()(text, true) })
  is<AsyncResult<string>>()(result, true)
  is<string>()(await result, true)
  is<string>()(await result.get({ timeout: 1 }), true)
  is<string>()(result.getSync({ timeout: 1 }), true)
  is<string | undefined>()(result.tryGet(), true)
  is<string | null>()(result.tryGet(null), true)
  is<number>()(await result.then(text => text.length), true)
  is<number[]>()(pool.mapAsync((x: number) => x, numbersLater(), { errorCallback: () => {} }).getSync(), true)
  is<number[]>()(await pool.starmapAsync((a: number) => a, [[1]]).get(), true)
}

export async function referenceTypes(pool: Pool): Promise<void> {
  const square = reference<(x: number) => number>(new URL('./work.js', import.meta.url), 'square')
  is<FunctionReference<(x: number) => number>>()(square, true)
  is<number>()(await square(2), true)
  is<string>()(square.url, true)
  is<number[]>()(await pool.map(square, [1, 2]), true)
  is<number>()(await pool.apply(square, [1]), true)
  // @ts-expect-error a string is no number
  void square('x')
  // @ts-expect-error it is read only
  square.url = ''
}

export async function processTypes(): Promise<void> {
  const child = new Process({ target: (n: number, s: string) => s.repeat(n), args: [2, 'x'], stdout: 'ignore', daemon: true })
  is<Process<[n: number, s: string]>>()(child, true)
  is<number | undefined>()((await child.start()).pid, true)
  is<boolean>()(await child.join({ timeout: 5, signal: AbortSignal.timeout(1) }), true)
  is<number | null | undefined>()(child.exitCode, true)
  child.name = child.name.toUpperCase()
  // @ts-expect-error args do not fit
  new Process({ target: (n: number) => n, args: ['x'] })
  // @ts-expect-error the pid is read only
  child.pid = 5
}

class Money implements Reducible<{ cents: number }> {
  readonly #cents: number
  constructor(cents: number) {
    this.#cents = cents
  }
  [reduce](): { cents: number } {
    return { cents: this.#cents }
  }
  static [rebuild](data: { cents: number }): Money {
    return new Money(data.cents)
  }
}

abstract class Unit {
  abstract readonly name: string
}

export function serializationTypes(): void {
  is<void>()(registerClass(Money), true)
  registerClass(Money, {})
  registerClass(Unit, { name: 'Unit' })
  registerClass(Money, {
    name: 'Money',
    reduce: money => money[reduce]().cents,
    rebuild: cents => {
      is<number>()(cents, true)
      return new Money(cents)
    },
  })
  is<{ cents: number }>()(new Money(1)[reduce](), true)
  const anything: Reducible = new Money(1)
  is<unknown>()(anything[reduce](), true)
  // @ts-expect-error an instance is no class
  registerClass(new Money(1))
  // @ts-expect-error no such option
  registerClass(Money, { as: 'Money' })
  // @ts-expect-error a number makes no Money
  registerClass(Money, { reduce: () => 'text', rebuild: (cents: number) => new Money(cents) })
  // @ts-expect-error what is rebuilt is of another class
  registerClass(Money, { rebuild: () => new Date() })
}

export function errorTypes(error: unknown): string {
  if (error instanceof WorkerDiedError) {
    is<'ERR_WORKER_DIED'>()(error.code, true)
    is<NodeJS.Signals | null>()(error.signal, true)
    return `${error.pid} ${error.exitCode} ${error.stderrTail}`
  }
  if (error instanceof NotSerializableError) return error.path
  if (error instanceof RemoteError) return error.remoteStack
  if (error instanceof BrokenPoolError) is<'ERR_BROKEN_POOL'>()(error.code, true)
  return new MultiprocessingError('late', { cause: error, code: 'ERR_MINE' }).code
}

export const streamOptions: StreamOptions & MapOptions = { chunkSize: 1, maxPending: 2 }

export const itemsOfAllKinds: Items<number>[] = [[1], new Set([1]), new Float64Array(1), numbersLater()]

async function* numbersLater(): AsyncGenerator<number> {
  yield 1
}

export function sharedMemoryTypes(): void {
  using memory = SharedMemory.create({ size: 64, name: 'a', track: false })
  is<Uint8Array>()(memory.bytes, true)
  is<SharedMemory>()(SharedMemory.attach('a', { track: true }), true)
  // @ts-expect-error the size is missing
  SharedMemory.create({ name: 'a' })
  // @ts-expect-error instances come from create and attach
  new SharedMemory()
  using list = new ShareableList([1, 2n, true, 'a', null, new Uint8Array(1)], { name: 'a' })
  is<ShareableItem>()(list.get(0), true)
  is<ShareableItem[]>()([...list], true)
  // @ts-expect-error a list holds no objects
  list.set(0, {})
}

export function valueTypes(): void {
  const f64 = new SharedArray('f64', 10)
  const i64 = new RawArray('q', [1n])
  const sa: SharedArray<'i32'> = new SharedArray('i', [1, 2])
  is<Float64Array>()(f64, true)
  is<BigInt64Array>()(i64, true)
  f64.fill(1).map(Math.sqrt)
  is<Lock | RLock>()(lockOf(f64), true)
  is<Lock | RLock>()(new Value('i8', 1, { lock: new Lock() }).lock, true)
  setChecked(i64, 0, 5n)
  // @ts-expect-error the items are bigints
  setChecked(i64, 0, 5)
  is<Uint8Array<ArrayBuffer>>()(share(new Uint8Array(3)), true)
  closeShared(sa)
  const Point = defineStruct({ x: 'f64', id: 'u64', on: 'bool', pos: ['f32', 3], inner: defineStruct({ a: 'i8' }) })
  const point = new Value(Point, { x: 1 })
  point.value.x += 1
  is<bigint>()(point.value.id, true)
  is<Float32Array>()(point.value.pos, true)
  is<number>()(point.value.inner.a, true)
  const points: StructArray<StructValue<typeof Point.fields>> = new SharedArray(Point, 3)
  is<boolean>()(points.at(-1).on, true)
  for (const one of points) one.x++
  // @ts-expect-error a struct has no such field
  point.value.y = 1
  const counter = new Value('i32', 0)
  new Value('i64', 0n).add(2n)
  counter.add(1)
  counter.value++
  const total: Value<number> = counter
  const raw: RawValue<boolean> = new RawValue('bool')
  is<number>()(total.add(1), true)
  is<boolean>()(raw.value, true)
  // @ts-expect-error a flag has no sum
  new Value('bool').add(1)
  // @ts-expect-error the initial value is a number
  new Value('i32', 'one')
  // @ts-expect-error no such type
  new RawValue('i128')
  const { Value: ForkValue } = getContext('fork')
  is<Value<number>>()(new ForkValue('f32'), true)
}

export async function queueTypes(): Promise<void> {
  const queue = new (getContext('fork').Queue)<{ id: number }>({ maxSize: 10, maxBytes: 1000 })
  await queue.put({ id: 1 }, { timeout: 1, signal: AbortSignal.timeout(1) })
  is<{ id: number }>()(await queue.get({ timeout: 1 }), true)
  is<{ id: number }>()(queue.getSync(), true)
  is<{ id: number } | undefined>()(queue.tryGet(), true)
  is<{ id: number } | -1>()(queue.tryGet(-1 as const), true)
  is<{ id: number }[]>()(await queue.getMany(5), true)
  is<number>()(queue.tryPutMany([{ id: 1 }]), true)
  for await (const item of queue) is<number>()(item.id, true)
  // @ts-expect-error another item
  queue.putSync('x')
  const jobs: Queue<string> = new JoinableQueue<string>()
  is<boolean>()(await new JoinableQueue<string>().join(), true)
  is<string>()(jobs.getSync(), true)
  is<boolean>()(new SimpleQueue<string>().isEmpty, true)
  // @ts-expect-error it has no batches
  void new SimpleQueue<string>().putMany
}

export async function executorTypes(): Promise<void> {
  await using executor = new ProcessPoolExecutor({ maxWorkers: 2, context: getContext('spawn'), maxTasksPerChild: 3 })
  const future = executor.submit((count: number, text: string) => text.repeat(count), 2, 'a')
  is<Future<string>>()(future, true)
  is<string>()(await future, true)
  is<string>()(await future.result({ timeout: 1, signal: AbortSignal.timeout(1) }), true)
  is<string>()(future.resultSync({ timeout: 1 }), true)
  is<number>()(await executor.submit(async () => 1), true)
  for await (const done of asCompleted([future])) {
    if (done.status === 'fulfilled') is<string>()(done.value, true)
    else done.future.cancel()
  }
  is<Set<Future<string>>>()((await waitFutures([future], { returnWhen: 'FIRST_EXCEPTION', timeout: 1 })).notDone, true)
  is<Set<Future<string>>>()(waitFuturesSync([future]).done, true)
  const threads: ThreadPoolExecutor = new ThreadPoolExecutor({ maxWorkers: 1 })
  for await (const one of threads.map((x: number) => x + 1, [1], { bufferSize: 2, timeout: 5 })) is<number>()(one, true)
  for await (const one of executor.starmap((a: number, b: string) => b + a, [[1, 'x']])) is<string>()(one, true)
  await executor.shutdown({ wait: false, cancelFutures: true })
  // @ts-expect-error another argument
  executor.submit((x: number) => x, 'x')
  // @ts-expect-error threads have one start method
  new ThreadPoolExecutor({ context: getContext('spawn') })
  // @ts-expect-error only executors make futures
  new Future()
}

export async function networkTypes(): Promise<void> {
  const listener = new Listener({ address: ['127.0.0.1', 0], authKey: new Uint8Array(4), backlog: 1 })
  const accepted: Connection = await listener.accept({ timeout: 1, signal: AbortSignal.timeout(1) })
  accepted.sendSync({ any: 'thing' })
  for await (const connection of listener) await connection.send(1)
  const address: Address = listener.address
  is<Address | null>()(listener.lastAccepted, true)
  const client = await Client<string, number>(address, { authKey: 'k', timeout: 1 })
  is<number>()(await client.recv(), true)
  // @ts-expect-error it sends strings
  await client.send(1)
  is<Connection<string>>()(ClientSync<string>('/run/a.sock', { timeout: 1 }), true)
  // @ts-expect-error nothing can call it off
  ClientSync('/run/a.sock', { signal: AbortSignal.timeout(1) })
  await deliverChallenge(client, 'k', { digest: 'sha384', timeout: 1 })
  await answerChallenge(accepted, 'k')
  // @ts-expect-error an address has a port
  new Listener({ address: ['127.0.0.1'] })
  // @ts-expect-error no such family
  new Listener({ family: 'AF_PIPE' })
  await listener[Symbol.asyncDispose]()
}

/**
 * What trials and drivers promise each other; types only.
 *
 * A trial asks a driver for what it needs and turns it into values. What a driver does not offer is left out of it,
 * with the reason under `lacks`: that reason is what the table prints as `n/a`.
 */

/**
 * @typedef {object} Metric
 * @property {string} unit
 * @property {'higher' | 'lower'} better
 */

/**
 * @typedef {object} MeasureOptions
 * @property {number} workers
 * @property {boolean} quick
 */

/**
 * What one process measured: a value per metric, and a reason for each metric that has none.
 * @typedef {object} Measurement
 * @property {Record<string, number>} values
 * @property {Record<string, string>} [unavailable]
 */

/**
 * @typedef {object} Trial
 * @property {string} title
 * @property {Record<string, Metric>} metrics
 * @property {readonly string[]} headlines metrics in order of preference: a driver's headline is the first one that it has
 * @property {(driver: Driver, options: MeasureOptions) => Promise<Measurement>} measure
 * @property {readonly string[]} [drivers] who takes part; default: the drivers of pools
 * @property {(figures: Figure[]) => string} [toTable] the figures for people, where a block for each metric would be unreadable
 * @property {(figures: Figure[]) => Verdict[]} [judge] what the figures are to reach, and whether they do
 */

/** @typedef {import('./figures.mjs').Figure} Figure */

/**
 * @typedef {object} Verdict
 * @property {string} bar what is to be reached
 * @property {boolean | undefined} met undefined: nothing to judge was measured
 * @property {string} detail
 */

/**
 * 'burst': thousands of tasks wait at once. 'single': few do. 'large': few do, with typed arrays, which JSON does not keep. A library
 * with a setting for this gets the better one.
 * @typedef {'burst' | 'single' | 'large'} Usage
 */

/**
 * @typedef {object} BenchPool
 * @property {'process' | 'thread'} workersAre
 * @property {() => Promise<number>} whoAmI see support/tasks.mjs
 * @property {(chunk: number[]) => Promise<number[]>} squareAll one task for a whole array
 * @property {(loops: number) => Promise<number>} burn who did it
 * @property {(array: Float64Array) => Promise<Float64Array>} changeArray
 * @property {(items: number[]) => Promise<number[]>} [mapSquares] the library's own `map`, as it is by default
 * @property {() => Promise<unknown>} close
 */

/**
 * @typedef {object} RoundTripCounts
 * @property {number} warmUp
 * @property {number} rounds
 */

/**
 * Sends a small integer to another process (or thread) and waits until it is back; microseconds of each round.
 * @typedef {(counts: RoundTripCounts) => Promise<Float64Array>} RoundTrips
 */

/**
 * Values as bytes. A slot is where one message lies; each is decoded once.
 * @typedef {object} Codec
 * @property {(value: unknown, slot: number) => void} encode
 * @property {(slot: number) => unknown} decode
 * @property {boolean} [lossy] gives back something else for some values: they are n/a and no failure
 */

/**
 * A block of shared memory that says how another process gets a function.
 * @typedef {{ reference: number, generation: number }} Place
 */

/**
 * Such a block, held for whoever defined it until it is let go.
 * @typedef {Place & { letGo: () => void }} Definition
 */

/**
 * @typedef {(...args: any[]) => unknown} AnyFunction
 */

/**
 * What a pool does with a function, step by step.
 * @typedef {object} FunctionSending
 * @property {(fn: AnyFunction) => Definition} define what a call of the pool does before its arguments are encoded
 * @property {(value: unknown) => void} store puts a value where definitions are: what a captured value alone costs
 * @property {() => CallingPool} openPool of one worker
 */

/**
 * @typedef {object} CallingPool
 * @property {(fn: AnyFunction, args: unknown[]) => Promise<unknown>} call
 * @property {(places: Place[]) => Promise<BuildTimes>} build has the worker make the functions, without calling them
 * @property {() => Promise<unknown>} close
 */

/**
 * Microseconds: of each definition when the worker met it, and of one that it knew, on the average.
 * @typedef {{ fresh: number[], known: number }} BuildTimes
 */

/**
 * @typedef {object} Driver
 * @property {(workers: number, usage: Usage) => BenchPool} [openPool]
 * @property {string} [library] the module that a program imports to use it
 * @property {(workers: number) => Record<string, number>} [startByMethod] `first-result` of `pool-start` under each start method
 * @property {(workers: number) => Promise<Measurement>} [weighIdlePools] memory of a pool that has nothing to do
 * @property {() => Promise<Record<string, number>>} [startBareProcesses]
 * @property {() => Promise<{ blocking?: RoundTrips, promise?: RoundTrips, manyWaits?: (count: number) => Promise<Record<string, number>> }>} [loadRoundTrips]
 * @property {(options: MeasureOptions) => Promise<Measurement>} [runMainJob]
 * @property {(slots: number) => Promise<Codec>} [openCodec]
 * @property {() => Promise<FunctionSending>} [loadFunctionSending]
 * @property {(program: string, sizes: object) => Promise<Measurement>} [runProgram] for a driver in another language: it runs the whole trial
 * @property {Record<string, string>} [lacks]
 */

export {}

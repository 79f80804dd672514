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
 */

/**
 * 'burst': thousands of tasks wait at once. 'single': few do. A library with a setting for this gets the better one.
 * @typedef {'burst' | 'single'} Usage
 */

/**
 * @typedef {object} BenchPool
 * @property {'process' | 'thread'} workersAre
 * @property {() => Promise<number>} whoAmI see support/tasks.mjs
 * @property {(chunk: number[]) => Promise<number[]>} squareAll one task for a whole array
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
 * @typedef {object} Driver
 * @property {(workers: number, usage: Usage) => BenchPool} [openPool]
 * @property {string} [library] the module that a program imports to use it
 * @property {() => Promise<Record<string, number>>} [startBareProcesses]
 * @property {() => Promise<{ blocking?: RoundTrips, promise?: RoundTrips }>} [loadRoundTrips]
 * @property {(options: MeasureOptions) => Promise<Measurement>} [runMainJob]
 * @property {(program: string, sizes: object) => Promise<Measurement>} [runProgram] for a driver in another language: it runs the whole trial
 * @property {Record<string, string>} [lacks]
 */

export {}

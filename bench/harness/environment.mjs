/**
 * The environment that measurements run in: the caller's, without what changes how the programs start.
 *
 * Not a matter of taste. NODE_EXTRA_CA_CERTS alone more than doubles the time that Node 20 takes to start, and a library
 * that hands its children no environment (tinypool) escapes what the others pay. npm's variables go for the same
 * reason: `npm run bench` and `node bench/run.mjs` must measure the same.
 */

const namesThatChangeStarts = /^(NODE|NODE_.*|UV_.*|npm_.*|PYTHON.*)$/

/** @returns {NodeJS.ProcessEnv} */
export function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !namesThatChangeStarts.test(name)))
}

/** The removed names that a reader of the figures should know of; npm's own are of no interest. */
export function removedNames() {
  return Object.keys(process.env).filter(name => namesThatChangeStarts.test(name) && !name.startsWith('npm_'))
}

/** Sends back what it gets, until its parent disconnects. */

process.on('message', (/** @type {any} */ ball) => {
  process.send?.(ball)
})

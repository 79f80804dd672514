// A reporter beside the one that people read: how many tests ran, as one line. A filter that matches nothing must not look like success.

/**
 * @param {AsyncIterable<{ type: string, data: { name?: string, skip?: unknown, details?: { type?: string } } }>} source
 * @returns {AsyncGenerator<string>}
 */
async function* countTests(source) {
  let count = 0
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue
    // Neither a suite nor the file itself is a test; Node 20 reports a file without tests as one that passes.
    const isFile = data.name?.startsWith('/') === true || data.name?.endsWith('.test.js') === true
    if (data.details?.type !== 'suite' && data.skip === undefined && !isFile) count += 1
  }
  yield `${count}\n`
}

// biome-ignore lint/style/noDefaultExport: Node takes a reporter as a default export.
export default countTests

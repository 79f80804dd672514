// What Node's own processes and threads run. The first line comes before anything is required.
const time = process.hrtime.bigint()
require('node:fs').appendFileSync(process.argv[2] ?? '', `${time} ${process.pid}\n`)
if (process.argv[3] === 'stay') setInterval(() => {}, 1e9)

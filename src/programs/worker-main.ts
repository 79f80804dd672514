// The program of a pool's worker.
import '../context.ts' // Names what a message may name.
import { runWorker } from '../pool/worker/run-worker.ts'

runWorker()

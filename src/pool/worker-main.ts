// The program of a pool's worker.
import { runWorker } from './worker/run-worker.ts'

runWorker()

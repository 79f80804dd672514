// The program of a pool's worker.
import { runWorker } from './run-worker.ts'

runWorker()

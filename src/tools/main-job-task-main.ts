// What the main job has its pool call.
export { countBatch, ready } from './main-job/count-batch.ts'

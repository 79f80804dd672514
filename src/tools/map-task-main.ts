// What `polyprocess map` has its pool call: the processes of the pool import this file by its URL.
export { checkTarget, runItems } from './map/run-items.ts'

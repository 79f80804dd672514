// The program of a `Process`.
import { runChild } from './run-child.ts'

runChild()

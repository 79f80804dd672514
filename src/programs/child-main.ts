// The program of a `Process`.
import '../context.ts' // Names what a message may name.
import { runChild } from '../process/inside/run-child.ts'

void runChild()

// The program of the template that forkserver forks.
import '../context.ts' // Names what a message may name.
import '../pool/worker/run-worker.ts' // What its children run.
import '../process/inside/run-child.ts'
import { runTemplate } from '../process/template/run-template.ts'

void runTemplate()

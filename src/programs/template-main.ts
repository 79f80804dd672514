// The program of the template that forkserver forks.
import '../context.ts' // Names what a message may name.
import { runTemplate } from '../process/template/run-template.ts'

void runTemplate()

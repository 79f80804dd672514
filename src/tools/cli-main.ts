#!/usr/bin/env node
// The program `polyprocess`. Bundling moves all other code to another folder, so only this file says what lies beside it.
import { createRequire } from 'node:module'
import { runCommandLine } from './command-line.ts'

const { version } = createRequire(import.meta.url)('polyprocess/package.json') as { version: string }
const mapTaskUrl = new URL('./map-task-main.js', import.meta.url)

process.exitCode = await runCommandLine(process.argv.slice(2), { version, mapTaskUrl })

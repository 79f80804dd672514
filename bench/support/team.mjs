/** Processes of ours that do the same at the same time, and what each of them has to say. */

import { withRecord } from './process-start-record.mjs'

/**
 * Each member gets the path of a file to which it appends its line, then arguments of its own.
 * @param {any} library
 * @param {(path: string, ...args: any[]) => unknown} target exported by a module of programs/
 * @param {unknown[][]} members the arguments of each
 * @returns {Promise<number[][]>} the numbers of each line, in no order
 */
export function runTeam({ Process }, target, members) {
  return withRecord(async record => {
    const processes = members.map(args => new Process({ target, args: [record.path, ...args] }))
    for (const process of processes) await process.start()
    for (const process of processes) await process.join()
    const failed = processes.find(({ exitCode }) => exitCode !== 0)
    if (failed !== undefined) throw new Error(`A member of the team ended with exit code ${failed.exitCode}`)
    return record.lines().map(words => words.map(Number))
  })
}

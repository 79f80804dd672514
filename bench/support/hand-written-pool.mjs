/**
 * The pool that one writes by hand over a message channel: every task is sent at once, the workers take turns,
 * an id brings the answer back to its promise. No queue, no limits, no recovery: the least a pool can cost.
 */

/**
 * @typedef {object} Endpoint
 * @property {(message: object) => void} send
 * @property {() => Promise<unknown>} close
 */

export class HandWrittenPool {
  /** @type {Endpoint[]} */
  #endpoints = []
  /** @type {Map<number, { resolve: (value: any) => void, reject: (reason: Error) => void }>} */
  #waiting = new Map()
  #nextId = 0

  /** @param {Endpoint} endpoint */
  add(endpoint) {
    this.#endpoints.push(endpoint)
  }

  /**
   * @param {string} name a function of support/tasks.mjs
   * @param {unknown} [argument]
   * @returns {Promise<any>}
   */
  call(name, argument) {
    const id = this.#nextId++
    const endpoint = this.#endpoints[id % this.#endpoints.length]
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      endpoint?.send({ id, name, argument })
    })
  }

  /** @param {{ id: number, value?: unknown, error?: string }} answer */
  settle({ id, value, error }) {
    const promise = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) promise?.resolve(value)
    else promise?.reject(new Error(error))
  }

  close() {
    return Promise.all(this.#endpoints.map(endpoint => endpoint.close()))
  }
}

/**
 * The other side: runs one task and makes its answer.
 * @param {Record<string, (argument: any) => unknown>} tasks
 * @param {{ id: number, name: string, argument: unknown }} message
 */
export function answer(tasks, { id, name, argument }) {
  try {
    return { id, value: tasks[name]?.(argument) }
  } catch (error) {
    return { id, error: String(error) }
  }
}

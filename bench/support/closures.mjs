/** Functions that no module exports, each made at one place in this file: what `function-send` sends by value. */

import { basename } from 'node:path'

const scale = 3

/** Captures an import and primitives that never change. */
export function makeConstant() {
  const offset = 7
  return (/** @type {number} */ number) => basename(`/folder/${number * scale + offset}`)
}

/** @param {number} captured */
export function makeWithNumber(captured) {
  return (/** @type {number} */ number) => number + captured
}

/** @param {{ id: number }} captured */
export function makeWithObject(captured) {
  return (/** @type {number} */ number) => number + captured.id
}

/** @param {number} id */
export function smallObject(id) {
  return { id, name: `resize-${id}`, args: [1, 2, 'x'], ok: true }
}

/** About 10 kB as JSON. @param {number} id */
export function largeObject(id) {
  const rows = Array.from({ length: 110 }, (_, index) => ({
    id: id + index,
    name: `row ${index} of the object ${id}`,
    price: index * 1.25,
    active: index % 3 === 0,
    parent: null,
  }))
  return { id, rows }
}

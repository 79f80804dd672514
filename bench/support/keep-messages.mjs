/** A codec of two functions: each slot keeps the message that was made last. */

/**
 * @param {(value: any) => any} encode
 * @param {(message: any) => unknown} decode
 * @param {{ lossy: boolean }} options
 * @returns {(slots: number) => Promise<import('../harness/contracts.mjs').Codec>}
 */
export function keepMessages(encode, decode, { lossy }) {
  return async slots => {
    const messages = new Array(slots)
    return {
      encode: (value, slot) => {
        messages[slot] = encode(value)
      },
      decode: slot => decode(messages[slot]),
      lossy,
    }
  }
}

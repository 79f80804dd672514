import { WaitWord } from '../../src/sync/waiting/wait-word.ts'

/** Runs the body with new words, and frees them afterwards. */
export async function withWords(body: (...words: [WaitWord, WaitWord, WaitWord]) => Promise<void>): Promise<void> {
  const words: [WaitWord, WaitWord, WaitWord] = [WaitWord.create(), WaitWord.create(), WaitWord.create()]
  try {
    await body(...words)
  } finally {
    for (const word of words) word.free()
  }
}

/** Settles once the word has reached `value`. */
export async function reached(word: WaitWord, value: number): Promise<void> {
  for (let now = word.value; now < value; now = word.value) await word.wait(now)
}

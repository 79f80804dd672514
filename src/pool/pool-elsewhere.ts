import { MultiprocessingError } from '../base/errors.ts'

/**
 * What a pool or an executor is in another process: nothing that can be used there. Objects that have one among their fields travel
 * with it, since their other fields are what is wanted.
 */
export function poolElsewhere(prototype: object, { noun, className }: { noun: string; className: string }): object {
  const refuse = (): never => {
    throw new MultiprocessingError(
      `This ${noun} belongs to another process: its tasks are given to it there. A task that needs workers of its own makes a ${className} of its own`,
    )
  }
  const names = Reflect.ownKeys(prototype).filter(name => name !== 'constructor')
  return Object.create(prototype, Object.fromEntries(names.map(name => [name, { value: refuse }]))) as object
}

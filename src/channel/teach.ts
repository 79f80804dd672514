// Classes whose instances travel inside one tree as something that leads to them.
import { rebuild, reduce } from '../wire/classes.ts'
import { nameIntrinsic } from '../wire/modules/well-known.ts'

/**
 * Instances of `cls` travel as what `toData` gives, and `fromData` makes them again. Every process has the class, under this name: so neither
 * it nor these functions are sent along.
 */
export function teach<T extends object, D>(
  name: string,
  cls: object & { readonly prototype: T },
  toData: (instance: T) => D,
  fromData: (data: D) => unknown,
): void {
  Object.defineProperty(cls.prototype, reduce, {
    value(this: T) {
      return toData(this)
    },
  })
  Object.defineProperty(cls, rebuild, { value: fromData })
  nameIntrinsic(`%polyprocess.${name}%`, cls)
}

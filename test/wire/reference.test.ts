import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { NotSerializableError } from '../../src/base/errors.ts'
import { reference } from '../../src/wire/function-reference.ts'

const url = new URL('../fixtures/wire/functions.js', import.meta.url)

test('a reference tells where it points and can be called here', async () => {
  for (const given of [url, url.href, fileURLToPath(url)]) {
    const fn = reference<() => string>(given, 'exported')
    assert.deepEqual([fn.url, fn.exportName, fn.name], [url.href, 'exported', 'exported'])
    assert.equal(await fn(), 'exported')
  }
})

test('without an export it is the default one', async () => {
  const fn = reference<() => string>(url)
  assert.equal(fn.exportName, 'default')
  assert.equal(await fn(), 'standard')
})

test('a reference passes its arguments on', async () => {
  const basename = reference<(path: string, extension: string) => string>('node:path', 'basename')
  assert.equal(await basename('/a/b.txt', '.txt'), 'b')
})

test('a package’s name stays as it is', () => {
  assert.equal(reference('fast-check', 'assert').url, 'fast-check')
  assert.equal(reference('@scope/name/sub').url, '@scope/name/sub')
})

test('a reference keeps the address it was made with', () => {
  assert.throws(() => Object.assign(reference(url, 'exported'), { url: 'data:text/javascript,' }), TypeError)
})

const bad: readonly (readonly [unknown, unknown, RegExp])[] = [
  [
    './work.js',
    undefined,
    /Expected `url` to be an absolute path, a URL or the name of a package, got '\.\/work\.js'\. For a file beside this one: new URL\("\.\/work\.js", import\.meta\.url\)/,
  ],
  ['../work.js', undefined, /an absolute path, a URL or the name of a package/],
  ['.', undefined, /an absolute path/],
  ['', undefined, /an absolute path/],
  [5, undefined, /Expected `url` to be a string, got 5/],
  [undefined, undefined, /Expected `url` to be a string, got undefined/],
  [url, 5, /Expected `exportName` to be a string, got 5/],
  [url, null, /Expected `exportName` to be a string, got null/],
]

for (const [given, exportName, message] of bad) {
  test(`reference(${String(given) || "''"}, ${String(exportName)}) is a TypeError that says what was expected`, () => {
    assert.throws(
      () => reference(given as string, exportName as string),
      error => error instanceof TypeError && message.test(error.message),
    )
  })
}

const missing: readonly (readonly [string, string, string])[] = [
  [url.href, 'nothing', `${url.href}#nothing: the module has no such export`],
  [url.href, 'notAFunction', `${url.href}#notAFunction: the module exports a number under this name, not a function`],
  [url.href, 'toString', `${url.href}#toString: the module has no such export`],
]

for (const [module, exportName, message] of missing) {
  test(`importing ${exportName} names the module and the export`, async () => {
    await assert.rejects(reference(module, exportName)(), error => error instanceof NotSerializableError && error.message === message)
  })
}

test('a module that is not there fails with Node’s own error', async () => {
  await assert.rejects(reference('/nowhere/at/all.js')(), { code: 'ERR_MODULE_NOT_FOUND' })
  await assert.rejects(reference('no-such-package-anywhere')(), { code: 'ERR_MODULE_NOT_FOUND' })
})

// How a function looks in a message, after its tag: a kind, then
//
//   KNOWN     [module + 1, or 0: a global] [export or path]
//   OBJECT    as KNOWN, of an object
//   BOUND     target, this, arguments as values
//   HOME      [serial]: a class of the receiver's own, come home
//   CODE      what `writeSite` lists, the eager variables, the others, the shared ones, own properties, the prototype's
//
// A shared variable is an object with its value: the same one in all functions of a message that use it. Any other is VALUE and the value, or as KNOWN, or REQUIRE or META and a file, or NAMESPACE and a module.

export const KIND_KNOWN = 0
export const KIND_BOUND = 1
export const KIND_HOME = 2
export const KIND_CODE = 3
export const KIND_OBJECT = 4

export const VARIABLE_VALUE = 0
export const VARIABLE_KNOWN = 1
export const VARIABLE_NAMESPACE = 2
export const VARIABLE_REQUIRE = 3
export const VARIABLE_META = 4

export const FLAG_STRICT = 1
/** Its own name is a variable around it which holds something else: the text is a statement and not an expression. */
export const FLAG_STATEMENT = 2
export const FLAG_IMPORTS = 4
export const FLAG_SOURCE_MAP = 8
/** It is a class, and it is told at which thread it is at home. */
export const FLAG_ORIGIN = 16
export const FLAG_ARGUMENTS = 32
export const FLAG_PROPERTIES = 64
export const FLAG_PROTOTYPE = 128

/** How a text becomes a function: by itself, or as the only member of an object. */
export const FORM_EXPRESSION = 0
export const FORM_METHOD = 1
export const FORM_GETTER = 2
export const FORM_SETTER = 3

/** A property of a function or of its prototype: what it is, and how it is defined. */
export const MEMBER_ACCESSOR = 1
export const MEMBER_WRITABLE = 2
export const MEMBER_ENUMERABLE = 4
export const MEMBER_CONFIGURABLE = 8

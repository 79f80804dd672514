// Deliberately empty: the least that can be imported.
export {}

// Deliberately empty: the least that can be forked. CommonJS, because Node starts it faster than a module.

// The least that can be forked and heard of.
process.send?.(1)

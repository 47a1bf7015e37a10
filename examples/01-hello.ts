/** Placeholder until the first example lands. */
process.stdout.write('hello\n')

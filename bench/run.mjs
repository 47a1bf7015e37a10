/** Placeholder until the measurements land. */
process.stderr.write('No measurements yet.\n')

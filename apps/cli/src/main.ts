/** Placeholder until the CLI lands: it names the task it was given. */
const task = process.argv.slice(2).join(' ')
process.stdout.write(`harnext ${task}\n`)

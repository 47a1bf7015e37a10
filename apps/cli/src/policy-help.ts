import { optionLine } from './help.ts'
import { policyOptions } from './policy-arguments.ts'

/** What `harnext policy --help` prints. */
export function policyHelpText(): string {
  const lines = Object.entries(policyOptions).map(([name, option]) => optionLine(name, option))
  return `Usage: harnext policy explain "<call>"
       harnext policy simulate [--sessions number]

explain says whether a call would be allowed, asked about or denied, and by what;
simulate does so for all calls of past sessions. Neither runs anything.

  harnext policy explain "bash(npm test && rm -rf build)"
  harnext policy explain "read(./.env)"
  harnext policy explain '{"tool":"write","args":{"path":"a","content":""}}'
  harnext policy simulate --sessions 20 --permission-mode auto

Policies are read from .harnext/policy.yaml (or .json, .toml) of the folder, from
harnext's home, and from /etc/harnext.

Options:
${lines.join('\n')}
`
}

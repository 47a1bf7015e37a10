import { decide, parseRules } from '@harnext/core'
import { expect, test } from 'vitest'
import { analyse } from '../../../src/shell/analysis/analyse.ts'
import { shellEffects } from '../../../src/shell/analysis/effects.ts'
import { loadParser } from '../../../src/shell/analysis/parse.ts'
import { literal } from '../../../src/shell/analysis/syntax.ts'
import { place } from '../../helpers.ts'
import { commandLine, randomOf } from './generate.ts'
import { otherParser } from './tree-sitter.ts'

const count = Number(process.env['HARNEXT_COUNT'] ?? 2000)
const seed = Number(process.env['HARNEXT_SEED'] ?? 1)
const allowed = 'ls cat echo grep head npm git mkdir touch cp sort find sed awk jq node python3 cd'
const { rules } = parseRules(
  allowed.split(' ').map((name) => `bash(${name}:*)`),
  'allow',
)

test(`${count} generated lines: nothing throws, and what two parsers read differently is never allowed`, async () => {
  const { workspace, root, home } = await place({ a: '', 'b.txt': '', 'src/a.ts': '', '.env': '' })
  const [parse, other] = [await loadParser(), await otherParser()]
  const random = randomOf(seed)
  const wrong: string[] = []
  let allowedLines = 0
  for (let done = 0; done < count; done++) {
    const line = commandLine(random)
    const effects = await shellEffects(line, workspace)
    const { decision } = decide({
      mode: 'manual',
      rules,
      call: { tool: 'bash', args: { command: line } },
      effects,
      roots: [root],
      home,
    })
    expect(analyse(line, parse)).toBeDefined()
    if (decision !== 'allow') continue
    allowedLines++
    const { steps } = parse(line)
    const names = new Set(
      steps.flatMap(({ words }) => (words[0] ? [words[0].text, literal(words[0])] : [])),
    )
    const reading = other(line)
    // To one it is a keyword, to the other a program; what stands behind it is a command to us.
    const unseen = reading.names.filter((name) => !names.has(name) && name !== 'time')
    if (reading.hasError || unseen.length)
      wrong.push(`${line}  <<${unseen.join(',')}>> ${reading.hasError}`)
  }
  // A sample in which everything is asked about would say nothing.
  expect(allowedLines).toBeGreaterThan(count / 20)
  expect(wrong).toEqual([])
}, 600_000)

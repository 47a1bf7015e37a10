import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decide } from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { shellEffects } from '../../../src/shell/analysis/effects.ts'
import { runConfined } from './confined.ts'
import { randomOf } from './generate.ts'
import { harmless, hostile } from './lines-of-a-day.ts'
import { contentsOf, makeTree, type Tree } from './tree.ts'

const programs =
  'ls cat grep head tail wc sort uniq find sed awk jq cd diff stat rg cut tr echo printf test [ read export local declare nl file od base64 column paste join comm cmp du tree date git ps xargs env timeout nice time command exec nohup stdbuf tee true unset set trap sh bash eval source wait type which basename realpath seq'.split(
    ' ',
  )
const words =
  "-o out a README.md x -exec rm {} ; \\; + -delete -i s/a/b/ 'w out' '1w out' e -e -f --output=out --files0-from=x -w -v PATH 'a[$(rm a)]' $X \"$X\" -name '*' * -d -r -R . .. ../outside link .env ~/.ssh/id --pre sh -P -n 1 -fprint -fls -c 'rm a' -u -z -s -t -k --help -- - $(cat .env) `ls` > >out 2>out <x | && tee touch -C -c core.pager=x status log diff show --no-index --ext-diff -O 'BEGIN{system(\"rm a\")}' '{print>\"out\"}' input env {a,b} {-o,out} $'\\x2do' link/secret".split(
    ' ',
  )
const secret = 'a-secret-that-nobody-may-see'

/** The same word to a shell. */
const writings: readonly ((word: string) => string)[] = [
  (word) => `\\${word}`,
  (word) => `'${word}'`,
  (word) => `""${word}`,
  (word) => `$'${word}'`,
  (word) => `"${word[0]}"${word.slice(1)}`,
]

/** Lines that mean harm, written in other ways, and programs with arguments that may. */
function doubtfulLine(random: () => number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const written = (word: string): string =>
    random() < 0.3 && /^[\w./-]+$/.test(word) ? pick(writings)(word) : word
  const command = (): string => {
    const parts = [pick(programs)]
    for (let count = Math.floor(random() * 5); count > 0; count--) parts.push(written(pick(words)))
    return parts.join(' ')
  }
  let line = pick(random() < 0.8 ? hostile : harmless).replaceAll(
    /(?<= )[\w./-]+(?=[ ;]|$)/g,
    written,
  )
  if (random() < 0.6)
    line = command() + (random() < 0.4 ? pick([' && ', '; ', ' | ']) + command() : '')
  if (random() < 0.8) return line
  const around = [`X=${pick(words)}; ${line}`, `X=${pick(words)} && ${line}`, `cd src; ${line}`]
  return pick([...around, `for X in ${pick(words)} ${pick(words)}; do ${line}; done`])
}

/** What lines did that need nobody's leave, though they should only have looked. Runs at most `run` of them. */
export async function checkReads({
  seed,
  run,
}: {
  readonly seed: number
  readonly run: number
}): Promise<readonly string[]> {
  const random = randomOf(seed)
  const found: string[] = []
  let tree = await makeProject()
  try {
    for (let ran = 0; ran < run;) {
      const line = doubtfulLine(random)
      if (!(await isAllowed(line, tree))) continue
      ran++
      const before = await contentsOf(tree.base)
      const { stdout, stderr } = await runConfined(line, tree)
      const after = await contentsOf(tree.base)
      // Git writes down what it has seen of the files.
      const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
        (path) => before.get(path) !== after.get(path) && !path.endsWith('.git/index'),
      )
      if ((stdout + stderr).includes(secret)) found.push(`${line}: it shows a secret`)
      if (/read-only file system/i.test(stderr)) found.push(`${line}: it writes elsewhere`)
      if (changed.length === 0) continue
      found.push(`${line}: it changes ${changed[0]?.slice(tree.base.length)}`)
      await tree.remove()
      tree = await makeProject()
    }
  } finally {
    await tree.remove()
  }
  return found
}

async function isAllowed(line: string, { root, home }: Tree): Promise<boolean> {
  const effects = await shellEffects(line, localWorkspace({ roots: [root], home }))
  const call = { tool: 'bash', args: { command: line } }
  return (
    decide({ mode: 'manual', rules: [], call, effects, roots: [root], home }).decision === 'allow'
  )
}

async function makeProject(): Promise<Tree> {
  const tree = await makeTree()
  const { base, root, home } = tree
  await mkdir(join(home, '.ssh'))
  for (const path of ['.env', '../outside/secret', '../home/.ssh/id'])
    await writeFile(join(root, path), `${secret}\n`)
  for (const name of ['README.md', 'package.json', '-delete', '-o'])
    await writeFile(join(root, name), '{}\n')
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', args, { cwd: root, env: { PATH: process.env['PATH'], HOME: base } })
  git('init', '-q')
  git('add', 'README.md', 'src')
  return tree
}

import { anything, execute, unknown, type Call, type Finding, type Model } from '../finding.ts'
import { literal, makeWord, type ShellWord } from '../syntax.ts'
import { optionSpec, readOptions, type OptionSpec } from './options.ts'
import { valuePaths } from './readers.ts'

/** Programs with options that run other programs or write anywhere: only the others are covered by a rule for the program. */
const listed: ReadonlyMap<string, OptionSpec> = new Map(
  Object.entries({
    tar: '-c -x -t -z -j -J -v -p -k -h -a -O -f: -C: -X: --create --extract --list --gzip --bzip2 --xz --zstd --verbose --file: --directory: --exclude: --strip-components: --exclude-vcs --wildcards -czf: -cf: -xzf: -xf: -tf: -tzf: -xvf: -cvf: -xzvf: -czvf:',
    zip: '-r -q -v -j -x: -i: -0 -1 -9 -u -m',
    unzip: '-l -o -n -q -d: -x: -t -v',
    man: '-k -f -w -a -s:',
    less: '-N -S -R -F -X -i -n -r',
    more: '-d -s',
    bat: '-n -p -l: -r: --plain --number --language: --line-range: --style: --color:',
    fd: '-H -I -u -s -i -g -F -a -l -L -p -0 -d: -t: -e: -E: --hidden --no-ignore --type: --extension: --exclude: --max-depth: --absolute-path --full-path --glob --follow',
    yq: '-r -o: -p: -P -e -N -C -M --raw-output --output-format: --input-format: --prettyPrint --no-colors',
    rsync:
      '-a -v -r -z -n -h -P -t -u --delete --archive --verbose --dry-run --exclude: --include: --progress',
    split: '-b: -l: -n: -d -a: --bytes: --lines: --numeric-suffixes?',
    xxd: '-b -c: -g: -l: -s: -p -u -i',
    patch: '-p: -R -N --dry-run -i< --strip: --reverse --forward',
    make: '-# -j: -s -k -n -B --jobs? --silent --keep-going --dry-run --always-make -j',
  }).map(([name, options]) => [name, optionSpec(`${options} --help --version`)]),
)

/** Interactive programs, and those that take commands in their arguments. */
const neverKnown: ReadonlySet<string> = new Set(
  'vi vim nvim view ex ed emacs nano pico gdb lldb expect screen tmux crontab at batch docker podman kubectl systemctl service launchctl osascript psql mysql sqlite3 redis-cli mongosh'.split(
    ' ',
  ),
)

export function runnerModel(name: string): Model | undefined {
  const spec = listed.get(name)
  if (spec) return (call) => runs(call, spec)
  if (neverKnown.has(name))
    return (call) => [
      execute(call),
      ...mentionedPaths(call),
      call.hasInput
        ? anything('what it gets on its standard input can be commands')
        : unknown(call, 'its arguments can be commands'),
    ]
  return undefined
}

/** A program of which nothing is known: it is what a rule says it is. */
export function program(call: Call): readonly Finding[] {
  return [execute(call), ...mentionedPaths(call)]
}

function runs(call: Call, spec: OptionSpec): readonly Finding[] {
  const options = readOptions(call.args, spec)
  const findings = [execute(call), ...mentionedPaths(call), ...valuePaths(call, options)]
  const isCommand = options.operands.some(({ text }) => /^[+!]/.test(text))
  if (options.problem === null && !isCommand) return findings
  return [...findings, unknown(call, options.problem ?? 'an argument is a command')]
}

/** Files that exist under a name among the arguments, `--file=name` and `@name` included. */
export function mentionedPaths(call: Call): Finding[] {
  return call.args.flatMap((word): Finding[] => {
    const text = literal(word)
    const path = text === null ? word : pathIn(text, word)
    return path ? [{ kind: 'read', path, part: call.part, perhaps: true }] : []
  })
}

function pathIn(text: string, word: ShellWord): ShellWord | null {
  if (!/^[-@]|^\w+=/.test(text)) return word
  const value = /^(?:--?[\w-]+=|\w+=|@|-[A-Za-z](?=[./~]))(.+)$/s.exec(text)?.[1]
  if (value === undefined) return null
  const isHome = value === '~' || value.startsWith('~/')
  const rest = isHome ? value.slice(1) : value
  return makeWord([
    ...(isHome ? ([{ type: 'home' }] as const) : []),
    { type: 'text', value: rest, quoted: true },
  ])
}

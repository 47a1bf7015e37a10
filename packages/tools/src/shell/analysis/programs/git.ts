import { execute, named, unknown, type Call, type Finding } from '../finding.ts'
import { canonicalText, literal, plainWord, type ShellWord } from '../syntax.ts'
import { cutStart, optionSpec, readOptions, type OptionSpec, type ReadOptions } from './options.ts'

const shared =
  '-# -n: -p -s -u -U: -M -C -w -b -z -q -v -S: -G: -L: -i -E -F -P --oneline --stat? --shortstat --numstat --dirstat? --summary --name-only --name-status --patch --no-patch --raw --color? --no-color --word-diff? --unified: --minimal --patience --histogram --ignore-all-space --ignore-space-change --ignore-blank-lines --cached --staged --merge-base --exit-code --quiet --check --full-index --abbrev? --no-abbrev --abbrev-commit --no-abbrev-commit --find-renames? --find-copies? --diff-filter: --text --relative? --no-ext-diff --no-textconv --no-renames --graph --all --branches? --tags? --remotes? --decorate? --no-decorate --pretty? --format: --date: --since: --until: --after: --before: --author: --committer: --grep: --max-count: --skip: --merges --no-merges --first-parent --reverse --follow --full-history --left-right --cherry-pick --cherry-mark --topo-order --date-order --no-walk --show-signature --notes? --no-notes --source --simplify-by-decoration --ancestry-path --help'

/** Commands that only look, with what may stand behind them. Others take what they are given. */
const looks: ReadonlyMap<string, OptionSpec> = new Map(
  Object.entries({
    status:
      '-s -b -u? -z -uno -uall -unormal --short --branch --porcelain? --long --untracked-files? --ignored? --column? --ahead-behind --show-stash --no-renames',
    diff: shared,
    log: shared,
    show: shared,
    shortlog: '-s -n -e -c --summary --numbered --email --all --no-merges --since: --until:',
    blame:
      '-L: -b -c -e -f -l -n -p -s -t -w -M -C --porcelain --line-porcelain --since: --root --date:',
    'rev-parse':
      '-q --show-toplevel --show-prefix --show-cdup --git-dir --git-common-dir --abbrev-ref --is-inside-work-tree --is-bare-repository --short? --verify --quiet --symbolic --symbolic-full-name --all --branches? --tags?',
    'rev-list':
      '-n: --all --count --max-count: --since: --until: --no-merges --merges --first-parent --reverse --left-right --objects',
    'ls-files':
      '-c -d -m -o -i -s -u -z -t --cached --deleted --modified --others --ignored --stage --unmerged --exclude-standard --error-unmatch --full-name',
    'ls-tree': '-d -r -t -l -z --name-only --name-status --long --full-name --full-tree',
    'cat-file': '-p -t -s -e',
    'merge-base': '-a --all --is-ancestor --fork-point --octopus',
    describe: '--tags --all --long --always --dirty? --abbrev: --match: --contains --exact-match',
    grep: '-A: -B: -C: -E -F -G -H -I -P -W -c -e: -h -i -l -L -n -o -p -q -v -w --and --or --not --all-match --break --cached --color? --column --count --extended-regexp --files-with-matches --fixed-strings --heading --ignore-case --line-number --max-depth: --name-only --perl-regexp --recursive --word-regexp',
    'name-rev': '--tags --name-only',
    'check-ignore': '-q -v -n',
    version: '',
    branch:
      '-a -r -v -vv -i --all --remotes --verbose --list --show-current --contains: --no-contains: --merged? --no-merged? --points-at: --sort: --format: --column? --color? --no-color --ignore-case',
    tag: '-l -n -i --list --sort: --contains: --no-contains: --merged? --points-at: --format: --column? --ignore-case',
    remote: '-v --verbose',
    stash: shared,
    reflog: shared,
  }).map(([name, options]) => [name, optionSpec(options)]),
)

/** Of those that do other things, too: what makes it a look. */
const lookForms: ReadonlyMap<string, (read: ReadOptions) => boolean> = new Map([
  ['branch', isListing],
  ['tag', isListing],
  ['remote', ({ operands: [first] }) => first === undefined || first.text === 'get-url'],
  ['stash', ({ operands: [first] }) => first?.text === 'list' || first?.text === 'show'],
  ['cat-file', isKnownObject],
  ['reflog', ({ operands: [first] }) => first === undefined || first.text === 'show'],
])

function isListing({ operands, flags }: ReadOptions): boolean {
  return operands.length === 0 || flags.has('-l') || flags.has('--list')
}

/** A name that is only a hash, or a tag, may be that of any file. Commits and folders show none, `revision:path` says which. */
function isKnownObject({ operands, flags }: ReadOptions): boolean {
  const [first, ...others] = operands.map((word) => literal(word) ?? '')
  if (first === undefined) return false
  if (others.length > 0) return others.length === 1 && /^(?:commit|tree|tag)$/.test(first)
  if (!flags.has('-p')) return true
  return (
    /^(?:HEAD|@)[\^~\d]*$/.test(first) ||
    /^[^:*?[]+\^\{(?:tree|commit)\}$/.test(first) ||
    /^[^:*?[]+:[^:*?[]+$/.test(first)
  )
}

const patches = ['-p', '-u', '-U', '--patch', '--unified', '--word-diff', '-L', '-S', '-G']
const summaries =
  '-s --stat --shortstat --numstat --dirstat --summary --name-only --name-status --no-patch --quiet -q'.split(
    ' ',
  )

/** The words among which are the files whose contents it prints; none: it prints no contents, but of what `paths` finds. */
function shown(
  command: string,
  { flags, values, operands }: ReadOptions,
): readonly ShellWord[] | null {
  const has = (names: readonly string[]): boolean =>
    names.some((name) => flags.has(name) || values.some((value) => value.name === name))
  if (command === 'cat-file' || command === 'blame') return null
  const isOfOne =
    operands.length > 0 && operands.every(({ text }) => /^[^:*?[]+:[^:*?[]+$/.test(text))
  if (command === 'show' && isOfOne) return null
  const isWhole = command === 'grep' || has(patches)
  const isChange = (command === 'diff' || command === 'show') && !has(summaries)
  return isWhole || isChange ? operands : null
}

/** What sets the machine that a command runs on, or runs a program that an argument names, in all the spellings that git takes. */
const danger =
  /^(?:--(?:upload|receive)|--exec|--output|--ext-diff|--textconv|--open|--no-index|--git-dir|--work-tree|--template|--separate|--conf|--super|--gpg|--tool|--extcmd|--hook|--interac|--edit-desc|--attr-source|-O|-x$)/
const dangerous: ReadonlyMap<string, RegExp> = new Map([
  ['config', /./],
  ['filter-branch', /./],
  ['difftool', /./],
  ['mergetool', /./],
  ['daemon', /./],
  ['instaweb', /./],
  ['send-email', /./],
  ['credential', /./],
  ['hook', /./],
  ['bisect', /^run$/],
  ['submodule', /^(?:foreach|add|update)$/],
  ['clone', /^(?:-c|-u|ext::|--recurs)/],
  ['fetch', /^(?:ext::|-c)/],
  ['pull', /^ext::/],
  ['push', /^ext::/],
  ['ls-remote', /^(?:ext::|--up)/],
  ['remote', /^(?:ext::|set-url)/],
  ['archive', /^(?:-o|--o|--rem)/],
  ['rebase', /^(?:-x|--ex|-i$)/],
  ['grep', /^(?:-O|--o)/],
  ['format-patch', /^(?:-o|--o)/],
  ['apply', /^--(?:unsafe|dir)/],
])

/** Before the command. What they point to or set can run programs. */
const harmlessGlobal = new Set([
  '--no-pager',
  '-P',
  '--no-optional-locks',
  '--no-replace-objects',
  '--literal-pathspecs',
  '--version',
  '--help',
])

export function git(call: Call): readonly Finding[] {
  const { globals, rest } = splitGlobals(call.args)
  const command = literal(rest[0] ?? noWord)
  const args = rest.slice(1)
  const findings: Finding[] = []
  const strange = globals.filter((word) => !harmlessGlobal.has(literal(word) ?? ''))
  // Rules are about the command, whatever stands before it.
  if (globals.length) findings.push({ kind: 'named', part: canonicalText([nameWord, ...rest]) })
  if (strange.length)
    findings.push(unknown(call, `${strange[0]?.written} changes what git runs or where`))
  const folder = globals.findIndex((word) => word.text === '-C')
  const where = globals[folder + 1]
  if (folder >= 0 && where) findings.push({ kind: 'read', path: where, part: call.part })
  if (command === null)
    return [...findings, unknown(call, 'which command of git it is can only be known when it runs')]
  if (isDangerous(command, args))
    findings.push(unknown(call, 'it can run a program or write a file that an argument names'))
  findings.push(...paths(call, args))
  const options = looks.get(command)
  if (!options) return [...findings, ...(rest.length ? [execute(call)] : [named(call)])]
  const read = readOptions(args, options)
  const { problem, values } = read
  if (problem !== null || values.some(({ use }) => use !== 'text'))
    return [...findings, unknown(call, problem ?? 'it is not understood'), execute(call)]
  if (lookForms.get(command)?.(read) === false) return [...findings, execute(call)]
  const shows = shown(command, read)
  return [...findings, { kind: 'look', part: call.part, ...(shows && { shows }) }]
}

const noWord: ShellWord = plainWord('')
const nameWord: ShellWord = plainWord('git')

function splitGlobals(args: readonly ShellWord[]): {
  readonly globals: readonly ShellWord[]
  readonly rest: readonly ShellWord[]
} {
  let at = 0
  while (at < args.length) {
    const text = literal(args[at] ?? noWord)
    if (text === null || !text.startsWith('-')) break
    at +=
      /^(?:-C|-c|--git-dir|--work-tree|--namespace|--exec-path|--config-env|--super-prefix|--attr-source)$/.test(
        text,
      )
        ? 2
        : 1
  }
  return { globals: args.slice(0, at), rest: args.slice(at) }
}

function isDangerous(command: string, args: readonly ShellWord[]): boolean {
  const own = dangerous.get(command)
  if (own?.source === '.') return true
  return args.some((word) => {
    const text = literal(word) ?? word.text
    return danger.test(text) || own?.test(text) === true
  })
}

/** Files by name, and `revision:path`. */
function paths(call: Call, args: readonly ShellWord[]): Finding[] {
  return args.flatMap((word): Finding[] => {
    const text = literal(word)
    if (text?.startsWith('-')) return []
    const colon = text?.indexOf(':') ?? -1
    const path = colon < 0 || text?.includes('://') ? word : cutStart(word, colon + 1)
    return [{ kind: 'read', path, part: call.part, ...(colon < 0 && { perhaps: true }) }]
  })
}

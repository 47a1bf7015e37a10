import { named, unknown, type Call, type Finding, type Model } from '../finding.ts'
import { allShown, endingsOf, type ShownEndings } from '../hidden-names.ts'
import { isPipe, literal, plainWord, type ShellWord } from '../syntax.ts'
import { hasGlob, optionSpec, readOptions, type OptionSpec, type ReadOptions } from './options.ts'

/** What the operands of a program are. `pattern`: the first is none, the others are files. */
type Operands =
  | 'files'
  | 'trees'
  | 'folders'
  | 'pattern'
  | 'patternTrees'
  | 'text'
  | 'none'
  /** Text, and whatever it is: no option does more than read it. */
  | 'anyText'

interface Reader {
  readonly options: OptionSpec
  readonly operands: Operands
  /** With one of these the tree below each file is read. */
  readonly recursive: readonly string[]
  /** With one of these the first operand is a file too. */
  readonly patternFrom: readonly string[]
}

/** Programs that only read, with all the options of theirs that do no more than that. */
const readers: ReadonlyMap<string, Reader> = new Map(
  [
    ['cat', 'files', '-A -b -e -E -n -s -t -T -u -v --number --show-all --number-nonblank'],
    ['tac', 'files', '-b -r -s: --before --separator:'],
    ['rev', 'files', ''],
    ['nl', 'files', '-b: -f: -h: -i: -l: -n: -p -s: -v: -w:'],
    ['head', 'files', '-# -n: -c: -q -v -z --lines: --bytes: --quiet --verbose'],
    ['tail', 'files', '-# -n: -c: -f -F -q -v -z --follow? --lines: --bytes: --quiet --verbose'],
    ['wc', 'files', '-c -l -m -w -L --bytes --chars --lines --words --max-line-length --total:'],
    [
      'sort',
      'files',
      '-b -d -f -g -i -M -h -n -R -r -V -c -C -m -s -u -z -k: -t: -o> --reverse --unique --numeric-sort --human-numeric-sort --version-sort --stable --check? --key: --field-separator: --ignore-case --output>',
    ],
    [
      'cut',
      'files',
      '-b: -c: -d: -f: -n -s -z --bytes: --characters: --delimiter: --fields: --complement --only-delimited --output-delimiter:',
    ],
    ['tr', 'anyText', '-c -C -d -s -t --complement --delete --squeeze-repeats --truncate-set1'],
    ['fold', 'files', '-b -s -w: --width:'],
    ['fmt', 'files', '-s -u -w:'],
    ['column', 'files', '-t -s: -o: -c: -x'],
    ['paste', 'files', '-d: -s -z'],
    ['join', 'files', '-a: -e: -i -j: -o: -t: -v: -1: -2:'],
    ['comm', 'files', '-1 -2 -3 -12 -13 -23 --check-order --nocheck-order --total'],
    ['cmp', 'files', '-b -l -n: -s --quiet --silent'],
    [
      'diff',
      'trees',
      '-# -a -b -B -c -C: -d -E -i -N -q -r -s -t -T -u -U: -w -W: -y -x: --brief --color? --exclude: --ignore-all-space --ignore-case --new-file --recursive --side-by-side --strip-trailing-cr --unified? --width:',
    ],
    ['md5sum', 'files', '-b -t -z'],
    ['sha1sum', 'files', '-b -t -z'],
    ['sha256sum', 'files', '-b -t -z'],
    ['sha512sum', 'files', '-b -t -z'],
    ['cksum', 'files', ''],
    ['base64', 'files', '-d -i -w: --decode --ignore-garbage --wrap:'],
    ['base32', 'files', '-d -i -w: --decode'],
    ['od', 'files', '-A: -t: -v -c -x -j: -N: -b -d -o'],
    ['hexdump', 'files', '-C -n: -s: -v'],
    ['strings', 'files', '-a -n: -t: -e:'],
    ['stat', 'files', '-c: -f -L -t --format: --printf: --terse'],
    ['file', 'files', '-b -i -k -L -h --brief --mime --mime-type --mime-encoding'],
    ['readlink', 'files', '-f -e -m -n -q -s -z --canonicalize'],
    ['realpath', 'files', '-e -m -q -s -z -L -P --relative-to<'],
    ['basename', 'anyText', '-a -s: -z --multiple --suffix:'],
    ['dirname', 'anyText', '-z'],
    [
      'ls',
      'folders',
      '-1 -a -A -b -B -c -C -d -f -F -g -G -h -i -I: -k -l -L -m -n -N -o -p -q -Q -r -R -s -S -t -T: -u -U -v -w: -x -X -Z --all --almost-all --author --classify? --color? --directory --full-time --group-directories-first --human-readable --ignore: --inode --no-group --numeric-uid-gid --recursive --reverse --size --sort: --time: --time-style:',
    ],
    [
      'tree',
      'folders',
      '-a -d -f -i -x -p -s -h -u -g -D -F -r -t -v -n -C -J -X -L: -P: -I: --dirsfirst --noreport --gitignore --prune --filelimit: --charset:',
    ],
    [
      'du',
      'folders',
      '-a -b -c -d: -h -k -m -s -S -x --all --apparent-size --max-depth: --human-readable --summarize --total --exclude:',
    ],
    ['df', 'files', '-a -h -H -i -k -T -P -t: --human-readable'],
    [
      'grep',
      'pattern',
      '-# -A: -B: -C: -E -F -G -P -H -I -L -R -Z -a -b -c -e: -h -i -l -m: -n -o -q -r -s -v -w -x -y -z -f< --after-context: --before-context: --binary-files: --color? --colour? --context: --count --exclude: --exclude-dir: --extended-regexp --file< --files-with-matches --files-without-match --fixed-strings --ignore-case --include: --invert-match --line-number --line-regexp --max-count: --no-filename --no-messages --null --only-matching --perl-regexp --quiet --recursive --regexp: --silent --text --with-filename --word-regexp',
    ],
    [
      'rg',
      'patternTrees',
      '-# -A: -B: -C: -E: -F -H -I -L -M: -N -P -S -T: -U -a -c -d: -e: -f< -g: -h -i -j: -l -m: -n -o -p -q -r: -s -t: -u -v -w -x -. -0 --after-context: --before-context: --case-sensitive --color: --colors: --column --context: --count --count-matches --encoding: --files --files-with-matches --files-without-match --fixed-strings --follow --glob: --heading --hidden --iglob: --ignore-case --invert-match --json --line-number --line-regexp --max-columns: --max-count: --max-depth: --max-filesize: --multiline --multiline-dotall --no-config --no-filename --no-heading --no-ignore --no-ignore-vcs --no-line-number --no-messages --null --only-matching --passthru --pcre2 --pretty --quiet --regexp: --replace: --smart-case --sort: --sortr: --stats --text --threads: --trim --type: --type-list --type-not: --unrestricted --vimgrep --with-filename --word-regexp',
    ],
    ['true', 'anyText', ''],
    ['false', 'anyText', ''],
    ['pwd', 'none', '-L -P'],
    ['whoami', 'none', ''],
    ['id', 'text', '-a -g -G -n -r -u'],
    ['groups', 'text', ''],
    ['uname', 'none', '-a -m -n -o -p -r -s -v -i --all'],
    ['hostname', 'none', '-f -s -d -i -I'],
    ['nproc', 'none', '--all'],
    ['arch', 'none', ''],
    ['uptime', 'none', '-p -s'],
    ['free', 'none', '-b -k -m -g -h -t'],
    [
      'date',
      'text',
      '-u -R -I -d: --date: --utc --iso-8601? --rfc-3339: --rfc-email -r< --reference<',
    ],
    ['cal', 'text', '-1 -3 -y -m -j'],
    ['seq', 'anyText', '-# -f: -s: -w'],
    ['sleep', 'anyText', ''],
    ['which', 'text', '-a -s'],
    ['tty', 'none', '-s'],
    ['numfmt', 'text', '--to: --from: --suffix: --format: --padding: --field:'],
    ['factor', 'text', ''],
  ].map(([name = '', operands = '', options = '']): [string, Reader] => [
    name,
    {
      operands: operands as Operands,
      options: optionSpec(`${options} --help --version`),
      recursive: ['-r', '-R', '--recursive'],
      patternFrom: ['-e', '--regexp', '-f', '--file'],
    },
  ]),
)

export function readerModel(name: string): Model | undefined {
  const reader = readers.get(name)
  return reader && ((call) => readWith(reader, call))
}

function readWith(reader: Reader, call: Call): readonly Finding[] {
  if (reader.operands === 'anyText') return [named(call)]
  const options = readOptions(call.args, reader.options, { takesPipes: true })
  const findings = [...pathsOf(reader, call, options), ...valuePaths(call, options)]
  if (options.problem !== null) return [...findings, unknown(call, options.problem)]
  const [first] = options.operands
  if (first && isPattern(reader) && !hasPattern(reader, options) && hasGlob(first))
    return [
      ...findings,
      unknown(call, `${first.written} may become several words, of which the others are files`),
    ]
  if (call.name === 'date' && options.operands.some(({ text }) => !text.startsWith('+')))
    return [...findings, unknown(call, 'it may set the clock')]
  if (
    call.name === 'strings' &&
    call.args.some((word) => word.text.startsWith('@') || startsOpen(word))
  )
    return [...findings, unknown(call, 'an argument may be a file of arguments')]
  if (call.name === 'ls' && options.flags.has('-L') && isRecursive(reader, options))
    return [...findings, unknown(call, 'it follows links to wherever they lead')]
  if (reader.operands === 'none' && options.operands.length > 0)
    return [...findings, unknown(call, 'what its arguments do is not known here')]
  return [...findings, named(call)]
}

/** The paths that stand behind options. */
export function valuePaths(call: Call, { values }: ReadOptions): Finding[] {
  return values.flatMap(({ use, word }): Finding[] => {
    switch (use) {
      case 'text':
        return []
      case 'read':
        return [{ kind: 'read', path: word, part: call.part }]
      case 'tree':
        return [{ kind: 'read', path: word, part: call.part, tree: true }]
      case 'write':
        return [{ kind: 'write', path: word, part: call.part }]
    }
  })
}

function pathsOf(reader: Reader, call: Call, options: ReadOptions): Finding[] {
  const isTree = isRecursive(reader, options)
  const here = plainWord('.')
  const visible = call.name === 'rg' ? hiddenShown(options) : undefined
  const follows = followsLinks(call.name, options)
  const read = (words: readonly ShellWord[], tree: boolean): Finding[] =>
    words
      .filter((word) => word.text !== '-' && !isPipe(word))
      .map((path) => ({
        kind: 'read',
        path,
        part: call.part,
        ...(tree && { tree: true }),
        ...(tree && visible && { visible }),
        ...(tree && follows && { follows: true }),
      }))
  // Names of files are not what is in them.
  if (options.flags.has('--files'))
    return read(options.operands.length ? options.operands : [here], false)
  const files =
    isPattern(reader) && !hasPattern(reader, options) ? options.operands.slice(1) : options.operands
  switch (reader.operands) {
    case 'files':
      return read(options.operands, false)
    case 'trees':
      return read(options.operands.length ? options.operands : [here], true)
    case 'folders':
      return read(options.operands.length ? options.operands : [here], false)
    case 'pattern':
      return read(files.length || !isTree ? files : [here], isTree)
    case 'patternTrees':
      return read(files.length || call.hasInput ? files : [here], true)
    case 'text':
    case 'anyText':
    case 'none':
      return []
  }
}

/** A difference of a file and a folder is that of the file of this name in the folder, which may be a link. */
function followsLinks(name: string, { flags }: ReadOptions): boolean {
  if (name === 'diff') return true
  return name === 'rg' ? flags.has('-L') || flags.has('--follow') : flags.has('-R')
}

/** Kinds of files, as ripgrep knows them, of which none is secret. */
const plainTypes =
  /^(?:c|cpp|cs|css|csharp|go|h|html|java|js|json|kotlin|lua|markdown|md|mdx|php|py|python|ruby|rust|sass|scala|sql|svelte|swift|toml|ts|typescript|vue|yaml)$/

/** Hidden names that ripgrep searches as they are asked for; `undefined`: all. */
function hiddenShown({ flags, values }: ReadOptions): ShownEndings | undefined {
  if (['-.', '--hidden', '-u', '--unrestricted'].some((flag) => flags.has(flag))) return undefined
  return values.flatMap(({ name, word }): ShownEndings => {
    const text = literal(word)
    if (/^(?:-t|--type)$/.test(name)) return plainTypes.test(text ?? '') ? [] : allShown
    if (!/^(?:-g|--i?glob)$/.test(name) || text?.startsWith('!')) return []
    return text === null ? allShown : endingsOf(text)
  })
}

function isRecursive({ recursive }: Reader, { flags }: ReadOptions): boolean {
  return recursive.some((flag) => flags.has(flag))
}

function startsOpen({ pieces: [first] }: ShellWord): boolean {
  return first?.type === 'glob' || first?.type === 'dynamic'
}

function isPattern({ operands }: Reader): boolean {
  return operands === 'pattern' || operands === 'patternTrees'
}

function hasPattern({ patternFrom }: Reader, { values, flags }: ReadOptions): boolean {
  return (
    flags.has('--files') ||
    flags.has('--type-list') ||
    values.some(({ name }) => patternFrom.includes(name))
  )
}

/** Sections of which no setting lets git run a program when it only looks. */
const harmlessSections: ReadonlySet<string> = new Set(
  'advice branch color column commit fetch gc index init log pack pull push rebase rerere status tag user versionsort'.split(
    ' ',
  ),
)

/** Of the others, those that do not. */
const harmlessSettings: ReadonlySet<string> = new Set([
  ...'repositoryformatversion filemode bare logallrefupdates ignorecase precomposeunicode symlinks autocrlf safecrlf eol longpaths quotepath abbrev compression trustctime checkstat preloadindex untrackedcache'
    .split(' ')
    .map((name) => `core.${name}`),
  ...'url fetch push pushurl tagopt prune mirror'.split(' ').map((name) => `remote.${name}`),
  ...'algorithm renames renamelimit colormoved noprefix mnemonicprefix context indentheuristic tool'
    .split(' ')
    .map((name) => `diff.${name}`),
  'extensions.worktreeconfig',
])

/** Whether no setting of a repository's own configuration can make git run a program when it only looks. Pure. */
export function isHarmlessConfig(text: string): boolean {
  let section = ''
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const header = /^\s*\[([A-Za-z0-9-]+)(?:\.[^\]\s"]*|\s+"(?:[^"\\]|\\.)*")?\](.*)$/.exec(line)
    if (header) section = (header[1] ?? '').toLowerCase()
    const rest = (header ? (header[2] ?? '') : line).trim()
    if (rest === '' || /^[#;]/.test(rest)) continue
    const name = /^([A-Za-z][A-Za-z0-9-]*)\s*(?:=.*)?$/.exec(rest)?.[1]?.toLowerCase()
    // What goes on in the next line could be anything there.
    if (name === undefined || section === '' || rest.endsWith('\\')) return false
    if (!harmlessSections.has(section) && !harmlessSettings.has(`${section}.${name}`)) return false
  }
  return true
}

import type { Workspace } from '../tool/workspace.ts'

export interface InstructionsFile {
  readonly path: string
  readonly text: string
}

const NAMES = ['AGENTS.md', 'HARNESS.md', 'CLAUDE.md']
/** Bytes of one file that are read; more would be sent with every request. */
const LIMIT = 32_768

/**
 * The instructions that a repository gives to agents: in each folder from the repository's root down to the working directory the first
 * of AGENTS.md, HARNESS.md and CLAUDE.md. Outside of a repository only the working directory counts. What cannot be read is left out.
 */
export async function readInstructions(workspace: Workspace): Promise<readonly InstructionsFile[]> {
  const [cwd] = workspace.roots
  if (cwd === undefined) return []
  const files: InstructionsFile[] = []
  for (const folder of await foldersFromRepository(workspace, cwd)) {
    const file = await firstOf(workspace, folder)
    if (file) files.push(file)
  }
  return files
}

async function foldersFromRepository(
  workspace: Workspace,
  cwd: string,
): Promise<readonly string[]> {
  const folders = [cwd]
  for (let folder = cwd; ;) {
    if (await exists(workspace, `${folder === '/' ? '' : folder}/.git`)) return folders
    const parent = folder.slice(0, folder.lastIndexOf('/')) || '/'
    if (parent === folder) return [cwd]
    folders.unshift(parent)
    folder = parent
  }
}

async function exists(workspace: Workspace, path: string): Promise<boolean> {
  return (await workspace.stat(path).catch(() => null)) !== null
}

async function firstOf(workspace: Workspace, folder: string): Promise<InstructionsFile | null> {
  for (const name of NAMES) {
    const path = `${folder === '/' ? '' : folder}/${name}`
    const info = await workspace.stat(path).catch(() => null)
    if (info?.kind !== 'file') continue
    const bytes = await workspace.readFile(path, { end: LIMIT }).catch(() => null)
    if (!bytes) continue
    const cut =
      info.size > LIMIT
        ? `\n[cut: the file has ${info.size} bytes, these are the first ${LIMIT}]`
        : ''
    // As a stream, so that a character that the limit cuts in two is left out.
    const text = new TextDecoder().decode(bytes, { stream: true }).trim()
    return text === '' ? null : { path, text: text + cut }
  }
  return null
}

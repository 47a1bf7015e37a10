import { constants } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '@harnext/core/node'
import { parseLine } from './journal.ts'
import { prune } from './retention.ts'
import { undoFolder } from './undo-folder.ts'

/**
 * Gives a session what another one keeps of some runs, with what was undone of them: each can undo them afterwards, and forget them, by
 * itself. Does nothing where the other one has changed nothing.
 */
export async function copyUndo(
  home: string,
  from: string,
  to: string,
  runs: ReadonlySet<string>,
): Promise<void> {
  const [source, target] = [undoFolder(home, from), undoFolder(home, to)]
  // Before the contents: a line stands there only when its content does.
  const journal = await readFile(join(source, 'journal.jsonl'), 'utf8').catch(missing)
  if (journal === null) return
  const lines = linesOf(journal, runs)
  if (!lines.some((line) => parseLine(line)?.type === 'run')) return
  await prune(dirname(target))
  await makeFolder(target, { mode: 0o700 })
  const contents = join(target, 'contents')
  await copyFile(join(source, 'contents'), contents, constants.COPYFILE_FICLONE).catch(missing)
  const text = lines.map((line) => `${line}\n`).join('')
  await writeFile(join(target, 'journal.jsonl'), text, { mode: 0o600, flush: true })
}

/** Those of the runs, of what undid them, and of what is known whatever run it was. */
function linesOf(journal: string, runs: ReadonlySet<string>): readonly string[] {
  const wanted = new Set(runs)
  return journal.split('\n').filter((text) => {
    const line = parseLine(text)
    if (line?.type === 'run' && line.undoes !== undefined && wanted.has(line.undoes))
      wanted.add(line.run)
    return line !== null && (!('run' in line) || wanted.has(line.run))
  })
}

function missing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}

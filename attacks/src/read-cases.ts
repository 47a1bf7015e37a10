import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { AttackCase } from './case.ts'

export const ownCases: string = fileURLToPath(new URL('../cases.jsonl', import.meta.url))

/** One case a line. */
export async function readCases(file: string): Promise<readonly AttackCase[]> {
  const text = await readFile(file, 'utf8')
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): AttackCase => JSON.parse(line))
}

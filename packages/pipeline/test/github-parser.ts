import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Parser from '@actions/workflow-parser'
import { rolldown } from 'rolldown'

/** GitHub's own parser is written for a bundler: it imports JSON without saying so. The bundle goes into the folder. */
export async function githubParser(
  folder: string,
): Promise<(text: string, file: string) => Promise<readonly string[]>> {
  const cwd = import.meta.dirname
  const bundle = await rolldown({ input: '@actions/workflow-parser', cwd, platform: 'node' })
  const file = path.join(folder, 'parser.mjs')
  await bundle.write({ file, codeSplitting: false })
  await bundle.close()
  const parser: typeof Parser = await import(/* @vite-ignore */ pathToFileURL(file).href)
  return async (content, name) => {
    const trace = new parser.NoOperationTraceWriter()
    const { context, value } = parser.parseWorkflow({ name, content }, trace)
    if (value) await parser.convertWorkflowTemplate(context, value)
    return context.errors.getErrors().map(({ message }) => message)
  }
}

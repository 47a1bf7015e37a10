import { ToolError } from '../errors.ts'
import { textOf } from '../messages.ts'
import type { RunState } from '../run/run-state.ts'
import { tool, ToolResult, type Tool } from '../tool/tool.ts'

const LIMIT = 100
/** A longer line is several: whatever a result looks like, a part of it can be asked for. */
const LINE_CHARACTERS = 500

/** Gives back a result that a compaction has taken out. Joins the list when the first one is. */
export function readResultTool(state: RunState): Tool {
  return tool<{ handle: string; offset?: number; limit?: number }>({
    name: 'read_result',
    description:
      'Gives back the result of an earlier call that was taken out of the conversation to save room.',
    parameters: {
      type: 'object',
      properties: {
        handle: { type: 'string' },
        offset: { type: 'integer', minimum: 0, description: 'First line, from 0.' },
        limit: { type: 'integer', minimum: 1, description: `Lines. Default ${LIMIT}.` },
      },
      required: ['handle'],
      additionalProperties: false,
    },
    loadable: true,
    effects: () => [],
    recovery: 'rerun',
    execute({ handle, offset = 0, limit = LIMIT }) {
      const message = state.pruned.get(handle)
      if (!message) {
        const there = [...state.pruned.keys()].join(', ') || 'none'
        throw new ToolError(
          'read_result',
          `There is no result ${JSON.stringify(handle)}. There are: ${there}.`,
        )
      }
      const lines = linesOf(textOf(message.content))
      const shown = lines.slice(offset, offset + limit).join('\n')
      const rest =
        lines.length > limit
          ? `\n(lines ${offset} to ${Math.min(lines.length, offset + limit)} of ${lines.length})`
          : ''
      const media = message.content.filter((part) => part.type !== 'text')
      const text = `${shown}${rest}`
      return media.length
        ? ToolResult.ok(text, { content: [{ type: 'text', text }, ...media] })
        : text
    },
  })
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line) => line.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, 'gsu')) ?? [''])
}

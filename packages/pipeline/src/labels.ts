import { fixId } from './stage/stage.ts'
import { labelOf, type Pipeline } from './workflow/pipeline.ts'

export interface Label {
  readonly name: string
  /** Six hexadecimal digits. */
  readonly color: string
  readonly description: string
}

/** Every label that the workflows of a pipeline set. */
export function pipelineLabels(pipeline: Pipeline): readonly Label[] {
  const label = (id: string, color: string, description: string): Label => ({
    name: labelOf(pipeline, id),
    color,
    description,
  })
  return [
    ...pipeline.stages.flatMap(({ id, kind, maxIterations }) => [
      label(id, '1f6feb', `harnext works on the stage ${id}`),
      ...(kind === 'review'
        ? [
            label(fixId(id), '8250df', `harnext fixes what ${id} sent back`),
            ...Array.from({ length: maxIterations }, (_, index) =>
              label(
                `${id}-iter-${index + 1}`,
                'd0d7de',
                `Sent back ${index + 1} of ${maxIterations}`,
              ),
            ),
          ]
        : []),
    ]),
    label('awaiting-approval', 'bf8700', 'A person has to let it go on'),
    label('needs-judgement', 'cf222e', 'A person has to look at it'),
  ]
}

/** GitHub takes names for the same whatever their case. */
export function missingLabels(
  wanted: readonly Label[],
  present: readonly string[],
): readonly Label[] {
  const known = new Set(present.map((name) => name.toLowerCase()))
  return wanted.filter(({ name }) => !known.has(name.toLowerCase()))
}

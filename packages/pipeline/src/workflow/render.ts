import { marker } from '../generated-files.ts'
import { fixStage } from '../stage/stage.ts'
import { toYaml, type Yaml } from '../yaml.ts'
import { versionOfPin } from './pins.ts'
import { fileOf, workflowFolder, type Pipeline } from './pipeline.ts'
import { stageWorkflow } from './stage-workflow.ts'
import { taggerWorkflow } from './tagger-workflow.ts'

const head = `${marker} Change the settings and run harnext setup again; what is changed here is lost.\n`

/** Every file of the pipeline by its path, sorted. Pure. */
export function renderPipeline(pipeline: Pipeline): Readonly<Record<string, string>> {
  const stages = pipeline.stages.flatMap((stage) =>
    stage.kind === 'review' ? [stage, fixStage(stage)] : [stage],
  )
  const workflows: readonly (readonly [string, { readonly [key: string]: Yaml }])[] = [
    ...stages.map((stage) => [fileOf(stage.id), stageWorkflow(stage, pipeline)] as const),
    ...(pipeline.intake === 'manual'
      ? []
      : [[fileOf('tagger'), taggerWorkflow(pipeline)] as const]),
  ]
  const files = workflows.map(
    ([name, workflow]) =>
      [`${workflowFolder}/${name}`, head + toYaml(workflow, versionOfPin)] as const,
  )
  return Object.fromEntries(files.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

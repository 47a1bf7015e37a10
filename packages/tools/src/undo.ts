// What a run changes in files, kept so that it can be undone. Anything added here becomes public API.

export { copyUndo } from './undo/copy-undo.ts'
export type { PathProblem } from './undo/plan.ts'
export { recordChanges, type RecordOptions } from './undo/record-changes.ts'
export { removeUndo } from './undo/undo-folder.ts'
export {
  undoRun,
  undoableRuns,
  type UndoOptions,
  type UndoResult,
  type UndoableRun,
} from './undo/undo-run.ts'

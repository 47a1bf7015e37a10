// The Gemini adapter. Anything added here becomes public API. Named exports only.

export { google } from './google-adapter.ts'
export type { GoogleOptions, VertexOptions } from './google-options.ts'
export { defaultModel, googleModels, googlePrice, type GoogleModel } from './models.ts'

// The AI SDK in harnext. Anything added here becomes public API. Named exports only.

export { fromAiSdk, type AiSdkOptions } from './from-ai-sdk.ts'
export {
  fromAiSdkTools,
  type AiSdkTool,
  type AiSdkToolSet,
  type AiSdkToolsOptions,
} from './from-ai-sdk-tools.ts'

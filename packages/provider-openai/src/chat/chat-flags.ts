import type { JsonObject } from '@harnext/core/provider'
import type { EffortLevel } from '../effort.ts'

/** In what a server differs from others that speak the Chat Completions API. */
export interface ChatFlags {
  /** @default 'max_tokens' */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens'
  /** Whether it takes `stream_options.include_usage`. @default true */
  readonly streamUsage?: boolean
  /** Whether it looks at pictures. @default true */
  readonly images?: boolean
  /** Whether it reads PDF files. @default false */
  readonly files?: boolean
  /** How much a model can think, and in which fields it is asked for. @default low to high in `reasoning_effort` */
  readonly effort?: EffortFlags
  /** Whether it wants the thinking of earlier turns back. @default false */
  readonly replayThinking?: boolean
  /** Whether each message of the assistant must have a `reasoning_content`. @default false */
  readonly requireThinking?: boolean
  /** What it understands of a schema for the answer. With `json_object` the system prompt holds the schema. @default 'json_schema' */
  readonly structuredOutput?: 'json_schema' | 'json_object'
  /** Whether it can be told by name which tool to call; otherwise it is told to call some tool. @default true */
  readonly namedToolChoice?: boolean
  /** Whether ids of calls must be nine letters and digits. @default false */
  readonly shortIds?: boolean
  /** Whether it knows `strict` of tools. @default false */
  readonly strict?: boolean
  /** Whether it takes `prompt_cache_key`. @default false */
  readonly cacheKey?: boolean
  /** Models that keep a prefix only when `cache_control` stands in the body. @default none */
  readonly cacheControl?: RegExp
}

export interface EffortFlags {
  /** From the least to the most, for a model. */
  readonly levels: (model: string) => readonly EffortLevel[]
  readonly toFields: (level: EffortLevel) => JsonObject
}

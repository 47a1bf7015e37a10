import { commit } from './bundled/commit.ts'
import { debug } from './bundled/debug.ts'
import { init } from './bundled/init.ts'
import { review } from './bundled/review.ts'
import type { Skill } from './skill.ts'

/** The skills that come with harnext. One of the person or the project with the same name takes its place. */
export const bundledSkills: readonly Skill[] = [commit, debug, init, review]

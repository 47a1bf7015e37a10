// Skills: instructions that the model gets when their work comes up. Anything added here becomes public API. Named exports only.

export { bundledSkills } from './skills/bundled.ts'
export { collectSkills, type CollectSkillsOptions } from './skills/collect.ts'
export { readSkills, skillFolders, type FoundSkills } from './skills/discover.ts'
export { readFrontmatter, type FieldValue, type Frontmatter } from './skills/frontmatter.ts'
export { narrowToSkills } from './skills/narrow.ts'
export { parseSkill, type ParsedSkill } from './skills/parse-skill.ts'
export { renderSkill } from './skills/render.ts'
export { skillCommand, type SkillCommand } from './skills/skill-command.ts'
export { skillTools } from './skills/skill-tools.ts'
export { skill, type Skill, type SkillDefinition, type SkillSource } from './skills/skill.ts'

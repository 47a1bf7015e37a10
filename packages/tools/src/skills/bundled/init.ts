import type { Skill } from '../skill.ts'

export const init: Skill = {
  name: 'init',
  description:
    'Writes AGENTS.md for this project, so that agents know how to work in it. Use when asked to set up or improve the instructions for agents.',
  userInvocable: true,
  modelInvocable: true,
  source: 'bundled',
  instructions: `Write \`AGENTS.md\` in the root of the repository: what an agent has to know to work here and cannot see at a glance.

1. Read what is there: README, manifests and lock files, the build and CI configuration, the layout of the folders, and instructions for
   other agents (CLAUDE.md, HARNESS.md, .cursor/rules, .github/copilot-instructions.md). If AGENTS.md exists, improve it and keep what
   people wrote.
2. Find the real commands to install, build, run all tests, run one test, lint and format. Run the cheap ones to see that they work.
3. Read some typical files and tests to see the conventions that nobody wrote down.
4. Write at most 60 lines:
   - what the project is, in one sentence;
   - the commands, with one for a single test;
   - where things are: the folders that matter and how a request or a task flows through them;
   - the rules of this code: language version, style that no tool enforces, how errors are handled, how tests are written;
   - traps: what has to be generated, what must not be edited, what needs a service or a key.
5. Leave out what is true of every project and what a tool enforces anyway. State nothing that you did not see.
6. Show the user what you were not sure of.`,
}

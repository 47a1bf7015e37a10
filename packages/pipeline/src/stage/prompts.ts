const onlyLook = 'Only look: read, glob and grep. Run no commands and change nothing.'

const prompts: { readonly [id: string]: string } = {
  triage: `Triage the issue that is given below. ${onlyLook}

Find the code that it is about. Report in a few sentences what is wrong or wanted, where in the code that is, how large the change is, and what is unclear.

The verdict is "proceed" when the issue can be worked on as it stands, and "stop" when it is spam, a duplicate, a question, or cannot be understood.`,
  plan: `Plan the change that the issue below asks for. ${onlyLook}

Report the plan: the files to change and how, the tests to add, and what could break. Whoever implements it sees the issue and your report.

The verdict is "proceed" when the plan can be carried out, and "stop" when a person has to decide something first: say what.`,
  implement: `Implement what the issue below asks for, by the plan in its comments if there is one. Keep to the style of the code around it, add or adapt tests, and run them. Do not commit: what you changed is committed for you.

Report what you changed and how you checked it.

The verdict is "proceed" when the change is complete and its tests pass, and "stop" when a person has to look at it first: say why.`,
  review: `Review the change below, which was made for the issue below. ${onlyLook}

Look for mistakes, missing tests, and what the issue asked for and the change does not do. Do not ask for what is a matter of taste.

The verdict is "proceed" when the change can be merged, "revise" when something has to be fixed first, and "stop" when a person has to decide. Report each finding with its file and line, and how to fix it.`,
}

export const fixPrompt = `Fix what the newest review in the comments of the issue below found in the change below. Run the tests. Do not commit: what you changed is committed for you.

Report what you changed for each finding, or why not.

The verdict is "proceed" when the change can be reviewed again, and "stop" when a person has to look at it first: say why.`

/** What a stage of a known name does, and what any other does. */
export function promptOf(id: string): string {
  const known = Object.hasOwn(prompts, id) ? prompts[id] : undefined
  return (
    known ??
    `Do what the stage "${id}" is for, for the issue below.

The verdict is "proceed" when the issue can go on to the next stage, and "stop" when a person has to look at it first: say why.`
  )
}

export interface JobCounts {
  readonly pickedUp: number
  readonly ok: number
  readonly failed: number
}

/** Counts the jobs in the output of a runner since a time, in milliseconds. Its lines begin with the time in UTC. Pure. */
export function countJobs(lines: Iterable<string>, since: number): JobCounts {
  let [pickedUp, ok, failed] = [0, 0, 0]
  for (const line of lines) {
    const [, time = '', text = ''] =
      /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ): (.*)$/.exec(line.trim()) ?? []
    // A time that is none is NaN, which is after nothing.
    if (!(Date.parse(time.replace(' ', 'T')) >= since)) continue
    if (text.startsWith('Running job:')) pickedUp += 1
    const result = /^Job .* completed with result: (\w+)$/.exec(text)?.[1]
    if (result === 'Succeeded') ok += 1
    else if (result !== undefined) failed += 1
  }
  return { pickedUp, ok, failed }
}
